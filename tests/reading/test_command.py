"""The command `python -m schedules`."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from schedules import from_token, read_code
from schedules.__main__ import main
from schedules.core.tokens import decode
from schedules.units import Units

SCRIPT = """optimizer = AdamW(model.parameters(), lr=1e-3)
scheduler = get_cosine_schedule_with_warmup(optimizer, 100, 3 * len(loader))
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return str(path)


def test_phases_rates_and_link_are_printed(script, capsys):
    assert main([script, "--set", "len(loader)=500"]) == 0
    printed = capsys.readouterr().out
    schedule = read_code(SCRIPT, {"len(loader)": 500}).schedule
    for step in (0, 1, 99, 100, 1498, 1499):
        assert f"step {step:>9}  rate" in printed
    assert "warmup   steps 0 to 99" in printed
    token = dict(parse_qsl(urlsplit(printed.rpartition("link: ")[2].strip()).query))["run"]
    assert from_token(token)[0].schedule == schedule


def test_notices_are_printed_and_the_link_has_batch_and_devices(tmp_path, capsys):
    path = tmp_path / "run.sh"
    path.write_text(
        "torchrun --nproc_per_node 8 pretrain_gpt.py --micro-batch-size 2 --lr 1e-4 --train-iters 100 --lr-decay-style cosine"
    )
    assert main([str(path)]) == 0
    printed = capsys.readouterr().out
    assert "line 1: An update takes 16 examples" in printed
    link = dict(parse_qsl(urlsplit(printed.rpartition("link: ")[2].strip()).query))
    units, notices = decode(link["units"], Units)
    assert (units.batch, units.devices) == (2, 8) and not notices and link["real"] == "1"


def test_a_missing_value_is_printed_with_how_to_give_it(script, capsys):
    assert main([script]) == 2
    assert '--set "len(loader)=100"' in capsys.readouterr().out


def test_a_file_without_a_schedule_says_so(tmp_path, capsys):
    path = tmp_path / "empty.py"
    path.write_text("print(1)\n")
    assert main([str(path)]) == 1
    assert "No schedule was found" in capsys.readouterr().out
    assert main([str(tmp_path / "none.py")]) == 1
    assert "none.py" in capsys.readouterr().err


def test_a_value_without_a_name_is_refused(script, capsys):
    with pytest.raises(SystemExit):
        main([script, "--set", "500"])
    assert "NAME=VALUE" in capsys.readouterr().err
