"""Allowed imports between layers, read from the import statements; and the names and cost of `import schedules`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import schedules

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in (*ROOT.glob("*.py"), *ROOT.glob("schedules/**/*.py"), *ROOT.glob("pages/**/*.py")))

LAYERS = (
    ("schedules.words", "schedules.core.numbers"),
    ("schedules.core",),
    ("schedules.policies",),
    (
        "schedules.schedule",
        "schedules.recipes",
        "schedules.measures",
        "schedules.long_runs",
        "schedules.units",
        "schedules.real_run",
        "schedules.feedback",
        "schedules.topics",
    ),
    ("schedules.libraries",),
    ("schedules.reading", "schedules.logs"),
    ("schedules.choosing", "schedules.catalogue"),
    ("schedules.theory",),
    ("schedules.training",),
    ("schedules.compare", "schedules.maps"),
    ("schedules.lessons", "schedules.export", "schedules.words.translation"),
    ("schedules",),
    ("schedules.__main__",),
    ("schedules.figures",),
    ("pages.parts",),
    ("pages",),
    ("app",),
)
"""Lowest first; a file may import from its own layer and from lower ones. `schedules` is the package's `__init__` only."""

THIRD_PARTY = {
    "schedules": set(),
    "schedules.__main__": set(),
    "schedules.words": set(),
    "schedules.core": {"numpy"},
    "schedules.policies": {"numpy"},
    "schedules.schedule": {"numpy"},
    "schedules.libraries": {"numpy"},
    "schedules.reading": {"numpy", "yaml"},
    "schedules.recipes": {"numpy"},
    "schedules.measures": {"numpy"},
    "schedules.long_runs": {"numpy"},
    "schedules.logs": {"numpy"},
    "schedules.choosing": set(),
    "schedules.topics": set(),
    "schedules.catalogue": set(),
    "schedules.units": set(),
    "schedules.real_run": {"numpy"},
    "schedules.feedback": {"numpy"},
    "schedules.theory": {"numpy"},
    "schedules.training": {"numpy"},
    "schedules.training.nets": {"numpy", "torch"},
    "schedules.compare": {"numpy"},
    "schedules.maps": {"numpy"},
    "schedules.lessons": {"numpy"},
    "schedules.figures": {"numpy", "plotly"},
    "schedules.export": set(),
    "pages": {"streamlit"},
    "pages.parts": {"streamlit", "starlette", "segno"},  # starlette, Streamlit's server, for the app's routes; segno for QR
    "app": {"streamlit", "starlette", "numpy", "plotly", "pandas"},  # slow imports, before the first visitor connects
}
TRAINERS = ("schedules.training.engine", "schedules.training.nets", "schedules.training.jobs")
HEAVY = ("torch", "plotly", "streamlit", "pandas")


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def room(module: str, rooms) -> str | None:
    """The innermost of the packages `rooms` that contain a module; "schedules" means its `__init__` only."""
    fits = [r for r in rooms if inside(module, r) and (r != "schedules" or module == r)]
    return max(fits, key=len, default=None)


def layer(module: str) -> int:
    owner = room(module, [name for names in LAYERS for name in names])
    assert owner, f"{module} is in no layer: move it to an existing package or add it to LAYERS in {Path(__file__).name}"
    return next(i for i, names in enumerate(LAYERS) if owner in names)


@cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """For each import of a file: (module, whether it is deferred, that is in a function or only for type checking)."""
    return tuple(_imports(ast.parse(path.read_text(encoding="utf-8")), False))


def _imports(node: ast.AST, later: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, later) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "use absolute imports"
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            yield (name if name in MODULES else str(node.module)), later
    later = later or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _types_only(node)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, later)


def _types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def ours(module: str) -> bool:
    return module.partition(".")[0] in {"schedules", "pages", "app", "tests"}


@pytest.fixture(params=FILES, ids=module_of)
def file(request):
    return request.param


def test_imports_go_only_downward(file):
    name = module_of(file)
    for target, _ in imports(file):
        if ours(target):
            assert not inside(target, "tests"), f"{name} imports {target}: tests are not part of the program"
            assert layer(target) <= layer(name), (
                f"{name} imports {target}, which is in a higher layer. Move the shared code down, or pass it as an argument."
            )


def test_third_party_packages_are_imported_only_where_allowed(file):
    name = module_of(file)
    allowed = THIRD_PARTY[room(name, THIRD_PARTY)]
    for target, _ in imports(file):
        package = target.partition(".")[0]
        if not ours(target) and package not in sys.stdlib_module_names:
            assert package in allowed, (
                f"{name} imports {package}; here only {sorted(allowed) or 'the standard library'} may be used. "
                "Screens belong in pages/, figures in schedules/figures, networks in schedules/training/nets."
            )


def test_torch_is_imported_when_a_network_is_first_run(file):
    for target, later in imports(file):
        assert later or not inside(target, "torch"), (
            f"{module_of(file)} imports torch at module level: import it inside the function that trains"
        )


def test_policies_do_not_import_each_other(file):
    name = module_of(file)
    if inside(name, "schedules.policies") and name != "schedules.policies":
        for target, _ in imports(file):
            known = target in ("schedules.policies._base", name) or not inside(target, "schedules.policies")
            assert known, f"{name} imports {target}: policies must not import each other; shared code belongs in core"


def test_figures_and_exports_take_data_and_never_train(file):
    name = module_of(file)
    if inside(name, "schedules.figures") or inside(name, "schedules.export"):
        for target, _ in imports(file):
            assert not any(inside(target, trainer) for trainer in TRAINERS), (
                f"{name} imports {target}: take a Trace as an argument and let the caller train"
            )


def test_import_parser_and_layer_order_are_correct():
    """The parser of imports sees every kind of statement, and the layers are in the right order."""
    code = "import torch.nn as nn\nif TYPE_CHECKING:\n    import a\ndef f():\n    from schedules.core import params\n"
    assert list(_imports(ast.parse(code), False)) == [("torch.nn", False), ("a", True), ("schedules.core.params", True)]
    assert layer("schedules.words") < layer("schedules.core.params") < layer("schedules.policies.cosine")
    assert layer("schedules.policies.cosine") < layer("schedules.schedule") < layer("schedules.theory.stability")
    assert layer("schedules.training.runs") < layer("schedules") < layer("schedules.figures.theme") < layer("pages.parts.state")
    with pytest.raises(AssertionError, match="is in no layer"):
        layer("schedules.utils")


# The public face


def test_importing_the_library_loads_nothing_heavy():
    later = ("schedules.catalogue", "schedules.training.engine")
    code = f"import schedules, sys; print([m for m in {HEAVY + later} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_importable_from_the_package():
    from schedules import POLICIES, Run, Schedule, from_token, to_token

    run = Run(schedule=Schedule(peak_lr=0.2))
    assert from_token(to_token(run)) == (run, ())
    assert len(POLICIES) >= 8
    for slug, cls in POLICIES.items():
        assert cls.slug == slug == cls.__module__.rpartition(".")[2]
        assert getattr(schedules, cls.__name__) is cls
    assert all(hasattr(schedules, name) for name in schedules.__all__)
    assert len(set(schedules.__all__)) == len(schedules.__all__)


def test_study_and_find_are_importable_from_the_package():
    from schedules import Run, find, study

    found = study(Run())
    assert found.verdict.kind.value == "converged" and found.limit.shape == found.trace.rates.shape
    assert [(f.card.slug, f.card.title, f.card.group) for f in find("CosineAnnealingLR")][:1] == [
        ("cosine", "Cosine decay", "decay")
    ]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'schedules' has no attribute 'Cosinus'"):
        _ = schedules.Cosinus
    with pytest.raises(ImportError, match="Cosinus"):
        from schedules import Cosinus  # noqa: F401
