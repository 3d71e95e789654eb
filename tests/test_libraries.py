"""The declared names of the libraries, compared with the installed libraries."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import pytest

from schedules.catalogue import cards, find, topics
from schedules.libraries import LIBRARIES, Name, arguments, callables, discovered

LEFT_OUT = {
    *(
        "self",
        "optimizer",
        "last_epoch",
        "verbose",
        "name",
        "initialize",
        "cycle_momentum",
        "base_momentum",
        "max_momentum",
        "kwargs",
    ),
    *("noise_range_t", "noise_type", "noise_pct", "noise_std", "noise_seed"),
}
"""Arguments that do not affect the curve."""
MODULES = {
    "torch": ("torch.optim.lr_scheduler", "torch.optim.swa_utils"),
    "transformers": ("transformers.optimization",),
    "optax": ("optax", "optax.contrib"),
    "keras": ("keras.optimizers.schedules", "keras.callbacks"),
}


@pytest.mark.witness
@pytest.mark.parametrize("library", MODULES)
def test_declared_arguments_match_the_library(library, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip(library)
    modules = [importlib.import_module(name) for name in MODULES[library]]
    for name, known in LIBRARIES[library].signatures.items():
        call = next(getattr(module, name) for module in modules if hasattr(module, name))
        assert tuple(arg for arg in inspect.signature(call).parameters if arg not in LEFT_OUT) == known, name


def test_installed_libraries_have_the_declared_version():
    unknown = {name for name, library in LIBRARIES.items() if not library.source} - {*MODULES, "timm"}
    assert not unknown, f"MODULES needs the modules of {unknown}, or their files a source"
    for name, library in LIBRARIES.items():
        with suppress(metadata.PackageNotFoundError):
            installed = metadata.version(name).partition("+")[0]
            assert installed == library.version, f"{name} {installed} is installed: check its file"


def test_a_file_without_a_library_raises(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "some_libraries"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "jax.py").write_text("LIBRARIES = 1\n")
    with pytest.raises(ImportError, match=r"jax\.py declares no library: write e\.g\. LIBRARY = Library\("):
        discovered("some_libraries")


def test_scheduler_types_match_transformers():
    optimization = pytest.importorskip("transformers.optimization")
    found = {kind.value: call.__name__ for kind, call in optimization.TYPE_TO_SCHEDULER_FUNCTION.items()}
    library = LIBRARIES["transformers"]
    assert found == library.settings["lr_scheduler_type"] == library.settings["get_scheduler"]
    assert set(found.values()) <= set(library.signatures)


def test_declared_arguments_match_timm():
    """Parsed from the source, not imported: importing timm requires torchvision."""
    spec = importlib.util.find_spec("timm")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("timm is not installed")
    found = {}
    for path in Path(spec.submodule_search_locations[0], "scheduler").glob("*_lr.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                init = next(m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__")
                found[node.name] = tuple(arg.arg for arg in init.args.args if arg.arg not in LEFT_OUT)
    assert found == LIBRARIES["timm"].signatures


def test_a_name_lists_its_libraries():
    calls = callables(("FactorScheduler", "CosineDecay", "CosineAnnealingLR", "ExponentialDecay staircase"))
    assert calls == (
        Name("CosineAnnealingLR", ("torch", "mmengine")),
        Name("CosineDecay", ("keras",)),
        Name("ExponentialDecay staircase", ("keras", "paddle")),
        Name("FactorScheduler"),
    )
    assert arguments(("eta_min", "alpha", "min_lr"), calls) == (
        Name("eta_min", ("torch", "mmengine")),
        Name("alpha", ("keras",)),
        Name("min_lr"),
    )


def test_a_name_in_a_short_formula_is_recognized():
    calls = callables(("OneCycleLR", "cosine_onecycle_schedule"))
    assert arguments(("1 / (div_factor * final_div_factor)",), calls)[0].libraries == ("torch", "optax", "mmengine")


SLUGS = {card.slug for card in (*cards(), *topics())}


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_names_leads_to_its_card(library):
    """A callable first finds a card that the library declares for it, a key its card, and a setting the schedule it selects."""
    known = LIBRARIES[library]
    assert known.signatures or known.keys
    assert set(known.cards) <= set(known.signatures)
    for call in known.signatures:
        declared = [other.cards[call] for other in LIBRARIES.values() if call in other.cards]
        assert all(set(slugs) <= SLUGS for slugs in declared)
        found = {one.card.slug: one.card for one in find(call)}
        lists = call in [name.text.partition(" ")[0] for name in next(iter(found.values())).calls]
        assert lists or find(call)[0].note, call
        assert set(known.cards.get(call, ())) <= set(found), call
    for key, slug in known.keys.items():
        assert slug in [one.card.slug for one in find(key)], key
    for setting, values in known.settings.items():
        for value, name in values.items():
            assert find(f"--{setting}={value}"), value
            assert find(name), name


def test_a_library_is_not_named_on_the_card_of_another_curve():
    """CosineAnnealingScheduler repeats its cycle in Ignite and falls once in Composer."""
    libraries = {card.slug: {name.text: name.libraries for name in card.calls} for card in cards()}
    assert libraries["cosine"]["CosineAnnealingScheduler"] == ("composer",)
    assert libraries["warm_restarts"]["CosineAnnealingScheduler"] == ("ignite",)
    assert "NoamHoldAnnealing" not in libraries["power_law"]
    assert "SquareRootAnnealing" not in libraries["square_root"]
