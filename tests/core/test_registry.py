from __future__ import annotations

import importlib
import re
import sys
from abc import abstractmethod
from typing import Annotated, ClassVar

import pytest

from schedules.core.registry import Registry
from schedules.core.spec import Spec

FILE = """
from schedules.core.registry import Registry
from schedules.core.spec import Spec
from {package}._base import THINGS

@THINGS.add
class {name}(Spec):
    '''A {name}.'''

    title = {title!r}
    rank = {rank}
"""


def thing(name, module, **facts):
    return type(name, (Spec,), {"__module__": module, "__qualname__": name, "__doc__": "A tree.", "title": name} | facts)


def test_the_slug_is_the_file_name():
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


def test_registering_the_same_class_again_replaces_it():
    things = Registry("thing")
    things.add(thing("Oak", "woods.oak"))
    again = things.add(thing("Oak", "woods.oak"))
    assert things["oak"] is again
    assert len(things) == 1


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that writes a package to disk from given files; `discover` runs its registry over it."""
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
        file.write("\n@THINGS.add\nclass Second(Spec):\n    'A second.'\n    title = 'Second'\n")
    with pytest.raises(ValueError, match="thing 'ash' is declared by Ash and by Second"):
        discover()


def test_a_file_that_registers_nothing_raises(package):
    root, write = package
    write("ash", "Ash")
    (root / "willow.py").write_text("BRANCHES = 3\n")
    with pytest.raises(ImportError, match=r"willow\.py registers no thing: declare one there, e\.g\. @thing before a class"):
        discover()


class Tree(Spec):
    """Base class that requires facts and a method."""

    __slots__ = ()
    height: ClassVar[Annotated[float, "2.5"]]
    evergreen: ClassVar[bool] = False

    @abstractmethod
    def grow(self, years: int) -> float:
        """The height after some years."""


COMPLETE = {"__module__": "woods.oak", "__doc__": "An oak.", "title": "Oak", "height": 2.0, "grow": lambda self, years: 2.0}


def test_a_required_fact_may_be_inherited():
    Registry("tree").add(type("Oak", (Tree,), COMPLETE))
    base = type("Broadleaf", (Tree,), COMPLETE)
    Registry("tree").add(type("Elm", (base,), {"__module__": "woods.elm", "__doc__": "An elm."}))


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("__doc__", 'Oak has no docstring: every tree has one, e.g. """A constant rate."""'),
        ("title", 'Oak has no title: every tree has one, e.g. title = "Cosine decay"'),
        ("height", "Oak has no height: every tree has one, e.g. height = 2.5"),
        ("grow", "Oak has no grow: every tree has one, e.g. def grow(self, years: int) -> float"),
    ],
)
def test_an_incomplete_declaration_is_refused_with_an_example(without, message):
    facts = {name: fact for name, fact in COMPLETE.items() if name != without}
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        Registry("tree").add(type("Oak", (Tree,), facts))
