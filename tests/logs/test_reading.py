"""Reading logs: formats, columns, steps, what is left out, and files that are no logs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from schedules import Linear, Schedule
from schedules.logs import LogError, compare_with_plan, read_log, read_losses
from schedules.logs.cells import number, numbers
from schedules.logs.table import MOST_KEPT
from schedules.logs.text import LONGEST_LINE, MOST_BYTES, MOST_ROWS
from schedules.units import Units
from tests.logs.written import FORMATS, write

ROOT = Path(__file__).parent.parent.parent
INF = float("inf")
PLAN = Schedule(policy=Linear(), peak_lr=0.1, total_steps=120)


def read(text, name="log.csv"):
    return read_log(text.encode() if isinstance(text, str) else text, name)


def pairs(series):
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def said(log):
    return " ".join(map(str, log.notices))


RATES = [(0.0, 0.1), (10.0, 0.05)]
LOSSES = [(0.0, 2.5), (10.0, 1.5)]


@pytest.mark.parametrize(
    "text",
    [
        "step,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n",
        "step\tlr\tloss\r\n0\t1e-1\t2.5\r\n10\t5E-02\t1.5\r\n",
        "step;lr;loss\n0;0,1;2,5\n10;5,0e-2;1,5\n",
        "step | lr | loss\n0 | 0.1 | 2.5\n10 | 0.05 | 1.5\n",
        "iter   lr   loss\n   0  0.1   2.5\n  10 0.05   1.5\n",
        "\ufeffstep,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n",
        "step,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n".encode("utf-16"),
        "step,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n".encode("utf-16-le"),
        "# made by train.py\nstep,lr,loss\n0,0.1,2.5\n\n10,0.05,1.5\n",
        "#step,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n",
        '"Step","Run é - train/learning_rate","Run é - train/loss"\n0,0.1,2.5\n10,0.05,1.5\n'.encode("cp1252"),
        "step,lr,loss\n0,[0.1],2.5\n10,\"tensor(0.05, device='cuda:0')\",1.5\n",
        "0,0.1,2.5\n10,0.05,1.5\n",
        "epoch,lr-AdamW,step,train_loss\n0,0.1,0,\n0,,0,2.5\n0,0.05,10,\n0,,10,1.5\n",
        "step,lr-AdamW/pg1,lr-AdamW/pg2,train_loss,val_loss\n0,0.1,1,2.5,9\n10,0.05,1,1.5,9\n",
        '{"step": 0, "lr": 0.1, "loss": 2.5}\n{"step": 10, "lr": 0.05, "loss": 1.5}\n',
        '{"train": {"step": 0, "lr": [0.1, 1], "loss": 2.5}}\n{"train": {"step": 10, "lr": [0.05, 1], "loss": 1.5}}',
        '[{"step": 0, "lr": 0.1, "loss": 2.5},\n {"step": 10, "lr": 0.05, "loss": 1.5}]',
        '{\n"step": 0,\n"lr": 0.1, "loss": 2.5}\n{"step": 10, "lr": 0.05,\n "loss": 1.5}',
        '{"step": [0, 10], "lr": [0.1, 0.05], "loss": [2.5, 1.5]}',
        "12%| 1/9\n{'loss': 2.5, 'learning_rate': 0.1, 'step': 0}\n  {'loss': '1.5', 'learning_rate': '5e-02', 'step': 10}\n",
    ],
)
def test_every_format_gives_the_same_log(text):
    log = read(text)
    assert pairs(log.rate) == RATES
    assert pairs(log.loss) == LOSSES
    assert log.unit == "step"


def test_the_state_of_a_trainer():
    history = [
        {"epoch": 0.1, "grad_norm": 1.0, "learning_rate": 0.1, "loss": 2.5, "step": 0},
        {"epoch": 0.1, "eval_loss": 9.0, "step": 0},
        {"epoch": 0.2, "learning_rate": 0.05, "loss": 1.5, "step": 10},
        {"epoch": 0.2, "train_loss": 2.0, "train_runtime": 3.0, "step": 10},
    ]
    history[3:3] = [{"learning_rate": 0.05, "loss": 1.5, "step": 20 + k} for k in range(20)]
    state = {"best_metric": None, "global_step": 10, "log_history": history, "max_steps": 10}
    for indent in (2, None):
        log = read(json.dumps(state, indent=indent), "trainer_state.json")
        assert (log.form, log.chosen) == ("state", ("step", "learning_rate", "loss"))
        assert (pairs(log.rate)[:2], pairs(log.loss)[:2]) == (RATES, LOSSES)
    assert log.candidates["loss"] == ("loss", "train_loss", "eval_loss")


@pytest.mark.parametrize(
    ("name", "role"), [("run-tag-lr.csv", "rate"), ("run-tag-train_loss.csv", "loss"), ("export.csv", "rate")]
)
def test_a_scalar_of_tensorboard_gets_its_role_from_the_file_or_its_values(name, role):
    rows = "".join(f"1700000000.{k},{k},{0.1 - k / 1000}\n" for k in range(50))
    log = read("Wall time,Step,Value\n" + rows, name)
    assert getattr(log.chosen, role) == "Value"
    assert (log.chosen.step, getattr(log, role).steps[-1]) == ("Step", 49)
    assert read(json.dumps([[1.7e9, 0, 0.5], [1.7e9, 1, 0.25]]), "loss.json").loss.values.tolist() == [0.5, 0.25]


def test_exports_of_weights_and_biases_leave_out_the_columns_of_extremes():
    log = read('"Step","a - lr","a - lr__MIN","a - lr__MAX"\n"0","0.1","0.1","0.1"\n"10","0.05","0.05","0.05"\n')
    assert log.candidates["rate"] == ("a - lr",)
    assert pairs(log.rate) == RATES


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ("_step,_runtime,train/learning_rate,train/loss,train/grad_norm", ("_step", "train/learning_rate", "train/loss")),
        ("epoch,train_loss,eval_loss,lr", ("epoch", "lr", "train_loss")),
        ("epoch,step,pg0,pg1,loss_scale,loss", ("step", "pg0", "loss")),
        ("epoch,lr/pg0,lr/pg1,train/box_loss,val/box_loss", ("epoch", "lr/pg0", "train/box_loss")),
        ("iteration,learning-rate,lm loss,loss scale,weight decay", ("iteration", "learning-rate", "lm loss")),
        ("step,time,LearningRate,trainLoss", ("step", "LearningRate", "trainLoss")),
        ("global_step,color,clr_momentum,nll", ("global_step", None, "nll")),
    ],
)
def test_columns_are_guessed_from_their_names(columns, chosen):
    count = columns.count(",") + 1
    rows = "\n".join(",".join(str(k + j) for j in range(count)) for k in range(3))
    assert read(f"{columns}\n{rows}\n").chosen == chosen


def test_another_column_can_be_chosen():
    log = read("step,lr,loss,other,note\n0,0.1,2.5,7,a\n10,0.05,1.5,8,b\n")
    assert log.columns == ("step", "lr", "loss", "other")
    assert pairs(log.choose(rate="other").rate) == [(0.0, 7.0), (10.0, 8.0)]
    counted = log.choose(step=None)
    assert (counted.unit, pairs(counted.rate)) == ("row", [(0.0, 0.1), (1.0, 0.05)])
    assert not len(log.choose(loss=None).loss.steps)
    with pytest.raises(LogError, match="no column nothing"):
        log.choose(rate="nothing")


def test_without_names_the_values_decide():
    log = read("0,3.0,0.1\n10,2.0,0.05\n20,1.5,0.01\n")
    assert log.chosen == ("column 1", "column 3", "column 2")
    assert "Row 1 has numbers instead of names" in said(log)


def test_missing_and_not_finite_values():
    text = "step,lr,loss\n0,0.1,2\n1,null,nan\n2,,inf\n3,N/A,-Infinity\n4,0.2,None\n"
    log = read(text)
    assert pairs(log.rate) == [(0.0, 0.1), (4.0, 0.2)]
    assert pairs(log.loss) == [(0.0, 2.0), (1.0, INF), (2.0, INF), (3.0, INF)]


def test_nan_that_comes_and_goes_is_a_missing_value():
    rows = "".join(f"{k},{'nan' if k % 2 else 0.1},{2 if k % 2 else 'nan'}\n" for k in range(40))
    log = read("step,lr,loss\n" + rows)
    assert np.isfinite(log.rate.values).all() and len(log.rate.values) == 20
    assert np.isfinite(log.loss.values).all() and len(log.loss.values) == 20
    stayed = read("step,loss\n" + "".join(f"{k},{'nan' if k > 20 else 2}\n" for k in range(40)))
    assert np.isinf(stayed.loss.values).sum() == 19


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *[("1e-4", 1e-4), (" 5.0E-05 ", 5e-5), ("1,234", 1234.0), ("0,001", 0.001), ("1,234,567.5", 1234567.5), ("+3", 3.0)],
        *[("1.#QNAN", -INF), ("-nan", -INF), ("1.#INF", INF), ("-inf", INF), ("1e999", INF), ("tensor([0.5])", 0.5)],
        *[("abc", None), ("1e-4 0.5", None), ("x" * 65, None), (True, None), ({}, None), (10**400, INF), ("0x10", None)],
    ],
)
def test_numbers_in_cells(cell, value):
    assert number(cell) == value
    alone, wrong = numbers([cell, 1.0])
    assert wrong == ([0] if value is None else [])
    assert np.isnan(alone[0]) if value is None else alone[0] == value


def test_a_comma_is_a_decimal_point_where_another_cell_says_so():
    assert pairs(read("step;lr\n0;1,500\n1;0,25\n").rate) == [(0.0, 1.5), (1.0, 0.25)]
    assert pairs(read('step,lr\n"1,500",0.5\n"2,000",0.25\n').rate) == [(1500.0, 0.5), (2000.0, 0.25)]


# Steps


def test_a_resumed_run_replaces_the_rows_after_its_step():
    log = read("step,lr\n0,0.1\n10,0.2\n20,0.3\n10,0.25\n20,0.35\n30,0.4\n")
    assert pairs(log.rate) == [(0.0, 0.1), (10.0, 0.25), (20.0, 0.35), (30.0, 0.4)]
    assert "Row 5 goes back from step 20 to step 10" in said(log)


def test_a_header_that_comes_again_is_no_row():
    log = read("step,lr\n0,0.1\n10,0.2\nstep,lr\n10,0.3\n20,0.4\n")
    assert pairs(log.rate) == [(0.0, 0.1), (10.0, 0.2), (20.0, 0.4)]
    assert "come again, 1 time" in said(log)


def test_the_last_of_several_runs_is_read():
    log = read("step,lr\n0,0.1\n10,0.2\n0,0.3\n10,0.4\n20,0.5\n")
    assert pairs(log.rate) == [(0.0, 0.3), (10.0, 0.4), (20.0, 0.5)]
    assert "Row 4 starts again at the first step: the log has 2 runs" in said(log)


def test_steps_that_start_again_in_every_epoch_are_added_up():
    rows = "".join(f"{epoch},{k},{epoch + k / 10}\n" for epoch in range(3) for k in range(0, 40, 10))
    log = read("epoch,iter,lr\n" + rows)
    assert log.rate.steps.tolist() == [10.0 * k for k in range(12)]
    assert "start again in every epoch, 2 times" in said(log)


def test_equal_steps_count_once():
    assert pairs(read("step,lr\n0,0.1\n0,0.1\n10,0.05\n10,0.04\n").rate) == RATES


def test_a_log_in_epochs_says_so():
    log = read("epoch,lr\n0.5,0.1\n1.0,0.05\n")
    assert log.unit == "epoch"
    assert "counts epochs" in said(log)


# What is left out


def test_an_incomplete_last_line_is_left_out():
    for text in ("step,lr,loss\n0,0.1,2.5\n10,0.05,1.5\n20,0.0", '{"step":0,"lr":0.1}\n{"step":10,"lr":0.05}\n{"step":20,"l'):
        log = read(text)
        assert pairs(log.rate) == RATES
        assert "is the last one and incomplete" in said(log)
    state = json.dumps({"log_history": [{"step": 10 * k, "lr": 0.1 - 0.05 * k} for k in range(3)]}, indent=2)
    log = read(state[:-40])
    assert pairs(log.rate) == RATES
    assert "Row 3 is the last one and incomplete" in said(log)


def test_a_number_that_may_be_cut_is_left_out_of_a_long_log():
    rows = "".join(f"{k},0.1\n" for k in range(60))
    assert len(read("step,lr\n" + rows).rate.steps) == 60
    log = read("step,lr\n" + rows[:-1])
    assert len(log.rate.steps) == 59
    assert "Row 61, the last one, has no line end" in said(log)


def test_rows_of_another_width_and_other_texts_are_named():
    log = read("step,lr,loss\n0,0.1,2\n5,0.1\n10,oops,1\n20,0.05,1,7,8\n30,0.05,1\n")
    assert pairs(log.rate) == [(0.0, 0.1), (30.0, 0.05)]
    assert "Row 3 has 2 cells instead of 3; 2 rows like it were left out." in said(log)
    assert "Row 4, column lr: oops is not a number. Cells left out there: 1." in said(log)


def test_a_broken_record_in_the_middle_is_left_out():
    log = read('{"step": 0, "lr": 0.1}\n{"step": 5, "lr": 0.\n{"step": 10, "lr": 0.05}\n')
    assert pairs(log.rate) == RATES
    assert "Row 2 is not a record" in said(log)


def test_a_long_log_is_thinned_and_keeps_its_spikes():
    rows = 120_000
    rates, losses = np.linspace(0.1, 0, rows), np.full(rows, 2.0)
    losses[[77_777, 100_001]], rates[50_003] = (9.0, 0.5), 0.9
    text = "step,lr,loss\n" + "".join(f"{k},{r!r},{losses[k]}\n" for k, r in enumerate(rates.tolist()))
    log = read(text)
    assert log.rows == rows and log.kept <= 2 * MOST_KEPT
    assert {(77_777.0, 9.0), (100_001.0, 0.5)} <= set(pairs(log.loss))
    assert (50_003.0, 0.9) in pairs(log.rate)
    assert (log.rate.steps[0], log.rate.steps[-1]) == (0, rows - 1)
    assert log.rate.rows[-1] == rows + 1
    assert "Of 120,000 rows" in said(log)
    assert set(pairs(log.rate)) <= set(enumerate(rates.tolist())), "kept rows are rows of the file"


def test_rows_and_bytes_have_a_limit(monkeypatch):
    monkeypatch.setattr("schedules.logs.delimited.MOST_ROWS", 100)
    monkeypatch.setattr("schedules.logs.records.MOST_ROWS", 100)
    for text in ("step,lr\n" + "".join(f"{k},0.1\n" for k in range(200)), '{"step": 1, "lr": 0.1}\n' * 200):
        log = read(text)
        assert log.rows == 100 and "The first 100 rows were read" in said(log)
    monkeypatch.setattr("schedules.logs.text.MOST_BYTES", 1_000)
    log = read("step,lr\n" + "".join(f"{k},0.1\n" for k in range(1_000)))
    assert log.rows < 200 and "the rest left out" in said(log)


def test_the_limits_are_those_of_the_server():
    assert (MOST_BYTES, MOST_ROWS) == (50_000_000, 1_000_000)
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "maxUploadSize = 50 " in config


def test_a_stream_is_read_like_bytes():
    data = write("csv", np.arange(50), np.linspace(1, 0, 50), np.random.default_rng(0))[0]
    assert pairs(read_log(io.BytesIO(data)).rate) == pairs(read_log(data).rate)


# Files that are no logs


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xff\xfe \n\x00", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not text"),
        (b"PK\x03\x04" + bytes(100), "compressed"),
        (b"\x1f\x8b" + bytes(100), "compressed"),
        (b"PAR1" + bytes(100), "binary table"),
        (b"hello\n", "no row with numbers"),
        (b"step,lr\n", "no row with numbers"),
        (b"step,lr\n0,high\n1,low\n", "No column has numbers"),
        (b"{}", "no row with numbers"),
        (b"[" * 100_000, "no row with numbers"),
        (b"step,lr\n0,0.1\n" + b"1" * (LONGEST_LINE + 1), "Row 3 is longer"),
        (b'step,lr\n0,"' + b"x" * 200_000 + b'"\n', "Row 2 cannot be split"),
    ],
)
def test_a_file_that_is_no_log_gets_a_sentence(data, sentence):
    with pytest.raises(LogError, match=sentence):
        read_log(data, "log.csv")


def test_the_sentence_names_row_and_column():
    with pytest.raises(LogError, match=r"row 3, column lr, is high\."):
        read("step,lr\n,\nx,high\n".replace("x,", ","))


def test_event_files_are_refused_by_their_name():
    with pytest.raises(LogError, match="event file"):
        read_log(b"\x18\x00\x00", "events.out.tfevents.17.host")


@pytest.mark.parametrize("form", FORMATS)
def test_ten_thousand_mutated_files_raise_nothing_else(form):
    """2,000 of each of five formats: bytes changed, cut, repeated and exchanged at random."""
    rng = np.random.default_rng(FORMATS.index(form))
    read_some = 0
    for i in range(2_000):
        data, name = write(form, np.arange(12) * 10, np.linspace(0.1, 0, 12), rng)
        mutated = mutate(data, rng)
        try:
            log = read_log(mutated, name)
        except LogError as error:
            assert str(error)
        else:
            read_some += 1
            assert all(map(str, log.notices))
            assert np.all(np.diff(log.rate.steps) > 0) and np.isfinite(log.rate.steps).all()
            assert not np.isnan(log.loss.values).any()
            if i % 20 == 0:
                found = compare_with_plan(log, PLAN, Units(devices=4, accumulation=2))
                said_of_it = (*found.sentences, *read_losses(log, PLAN).sentences)
                assert not {"nan", "unknown"} & set(" ".join(map(str, said_of_it)).split())
    assert read_some > 500, "most mutations leave a log"


NASTY = (
    b"\x00",
    b"\xff",
    b'"',
    b"'",
    b",",
    b";",
    b"\n",
    b"{",
    b"}",
    b"[",
    b"nan",
    b"1e999",
    b"-",
    b"\xef\xbb\xbf",
    b"9" * 30,
    b"None",
)


def mutate(data, rng):
    """The bytes with one to five random changes."""
    for _ in range(rng.integers(1, 6)):
        i, j = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        match rng.integers(6):
            case 0:
                data = data[:i] + NASTY[rng.integers(len(NASTY))] + data[i:]
            case 1:
                data = data[:i] + bytes([rng.integers(256)]) + data[i + 1 :]
            case 2:
                data = data[:i] + data[min(j, i + 20) :]
            case 3:
                data = data[:j] + data[i:j] + data[j:]
            case 4:
                data = data[: max(i, 1)]
            case _:
                data = data[j:] + data[i:j] if rng.random() < 0.2 else data[:i] + NASTY[rng.integers(len(NASTY))] + data[j:]
        data = data or b"x"
    return data
