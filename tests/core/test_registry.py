import importlib
import sys

import pytest

from schedules.core.registry import Registry
from schedules.core.spec import Spec

FILE = """
from schedules.core.registry import Registry
from schedules.core.spec import Spec
from {package}._base import THINGS

@THINGS.add
class {name}(Spec):
    title = {title!r}
    rank = {rank}
"""


def thing(name, module, **facts):
    return type(name, (Spec,), {"__module__": module, "__qualname__": name, "title": name} | facts)


def test_the_slug_is_the_name_of_the_file():
    things = Registry("thing")
    made = things.add(thing("Oak", "woods.oak"))
    assert made.slug == "oak"
    assert dict(things) == {"oak": made}
    assert made() == made()


def test_a_second_owner_of_a_slug_raises_and_names_both():
    things = Registry("thing")
    oak = things.add(thing("Oak", "woods.oak"))
    with pytest.raises(ValueError, match="thing 'oak' is declared by Oak and by Elm"):
        things.add(thing("Elm", "woods.oak"))
    with pytest.raises(ValueError, match="thing 'oak' is declared by Oak and by Oak"):
        things.add(thing("Oak", "park.oak"))
    assert things["oak"] is oak


def test_the_same_class_again_replaces_it():
    things = Registry("thing")
    things.add(thing("Oak", "woods.oak"))
    again = things.add(thing("Oak", "woods.oak"))
    assert things["oak"] is again
    assert len(things) == 1


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package on disk, given file by file; `discover` runs its registry over it."""
    monkeypatch.syspath_prepend(tmp_path)
    root = tmp_path / "sample_things"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "_base.py").write_text("from schedules.core.registry import Registry\nTHINGS = Registry('thing')\n")

    def write(file, name, title="", rank=100):
        (root / f"{file}.py").write_text(FILE.format(package="sample_things", name=name, title=title or name, rank=rank))

    yield root, write
    for module in [m for m in sys.modules if m.startswith("sample_things")]:
        del sys.modules[module]


def discover():
    importlib.invalidate_caches()
    things = importlib.import_module("sample_things._base").THINGS
    things.discover("sample_things")
    return things


def test_discovery_finds_every_file_in_menu_order_and_skips_underscores(package):
    _, write = package
    write("ash", "Ash", rank=2)
    write("birch", "Birch", title="Weeping birch")
    write("cedar", "Cedar")
    write("oak", "Oak", rank=1)
    write("_draft", "Draft")
    assert list(discover()) == ["oak", "ash", "cedar", "birch"]


def test_a_broken_file_raises(package):
    root, write = package
    write("ash", "Ash")
    (root / "broken.py").write_text("import no_such_module_anywhere\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        discover()


def test_a_second_class_in_one_file_raises(package):
    root, write = package
    write("ash", "Ash")
    with (root / "ash.py").open("a") as file:
        file.write("\n@THINGS.add\nclass Second(Spec):\n    title = 'Second'\n")
    with pytest.raises(ValueError, match="thing 'ash' is declared by Ash and by Second"):
        discover()
