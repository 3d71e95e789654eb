"""The JavaScript modules: how they are served, what they import, and that the texts they show come from `words`."""

from __future__ import annotations

import gzip
import re
from posixpath import dirname, join, normpath

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts import assets
from pages.parts.assets import LATER, MODULES, MODULES_HASH, head, module_address, routes

IMPORT = re.compile(r"^import \{([^}]*)\} from '([^']+)';$", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"`])//[^\n]*", re.DOTALL)
SHOWN = re.compile(
    r"""(?:\.(?:textContent|title|placeholder|alt|innerText)\s*=\s*|set(?:Text|Sentence)\([\w.]+,\s*|\.append\(|fillText\("""
    r"""|['"](?:aria-label|aria-valuetext|title|placeholder)['"]\s*[,:]\s*|\b(?:title|placeholder):\s*)(['"`][^'"`]*['"`])"""
)
"""A string literal used as displayed text: as text, title or label of an element, or on a canvas."""
LITERAL = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`")
EXPRESSION = re.compile(r"\$\{[^}]*\}")


def texts(code: str) -> list[str]:
    """String literals of a script that look like displayed text."""
    shown = [text for text in SHOWN.findall(code) if re.search(r"[^\W\d_]", EXPRESSION.sub("", text))]
    return shown + [
        text for text in LITERAL.findall(code) if re.search(r"\b[A-Z][a-z]+ [a-z]+ [a-z]+", EXPRESSION.sub("", text))
    ]


def client(base: str = "") -> TestClient:
    return TestClient(Starlette(routes=routes(base)))


def source(name: str) -> str:
    return COMMENT.sub("", MODULES[name].decode())


@pytest.mark.parametrize("base", ["", "anneal", "/a/b/"])
@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_served_under_a_hash_and_cached_forever(name, base):
    address = f"{base.strip('/')}/{module_address(name)}"
    answer = client(base).get(address, headers={"accept-encoding": "br, gzip"})
    assert answer.status_code == 200 and MODULES_HASH in address
    assert answer.content == MODULES[name]
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"] and "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"


def test_a_browser_without_gzip_gets_uncompressed_modules():
    answer = client().get(module_address("numbers.js"), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == MODULES["numbers.js"] != gzip.compress(MODULES["numbers.js"])


@pytest.mark.parametrize(
    "path",
    [
        f"assets/{MODULES_HASH}/nothing.js",
        f"assets/{MODULES_HASH}/head.js",
        f"assets/{MODULES_HASH}/assets.py",
        f"assets/{MODULES_HASH}/../assets.py",
        f"assets/{MODULES_HASH}/..%2f..%2fapp.py",
        f"assets/{MODULES_HASH}/panel/..%2f..%2f..%2f..%2frequirements.txt",
        f"assets/{MODULES_HASH}//etc/passwd",
        f"assets/{MODULES_HASH}/%2fetc%2fpasswd",
        "assets/000000000000/numbers.js",
        f"assets/{MODULES_HASH}/",
    ],
)
def test_unknown_module_addresses_are_not_found(path):
    assert client().get("/" + path).status_code == 404


def test_an_unknown_module_is_refused_by_name():
    with pytest.raises(KeyError, match=r"no module 'panel/axis\.js'.*panel/axes\.js"):
        module_address("panel/axis.js")


@pytest.mark.parametrize("name", MODULES)
def test_every_page_preloads_the_modules_of_explore_only(name):
    preload = f'<link rel="modulepreload" fetchpriority="low" href="./{module_address(name)}">'.encode()
    assert (preload in head()) is not name.startswith(LATER)


@pytest.mark.parametrize("name", MODULES)
def test_every_imported_name_is_exported(name):
    imports = IMPORT.findall(source(name))
    assert len(imports) == len(re.findall(r"^import\b", source(name), re.MULTILINE)), "unparsed import"
    for names, address in imports:
        other = normpath(join(dirname(name), address))
        assert address.startswith(".") and other in MODULES, f"{name} imports {address}, which is not served"
        wanted = {one.strip() for one in names.split(",")}
        exported = set(EXPORT.findall(source(other)))
        assert wanted <= exported, f"{name} imports {wanted - exported} from {other}, which exports {exported}"
        for one in wanted:
            assert len(re.findall(rf"\b{one}\b", source(name))) > 1, f"{name} does not use {one}"


def test_module_imports_have_no_cycle():
    after = {name: {normpath(join(dirname(name), at)) for _, at in IMPORT.findall(source(name))} for name in MODULES}
    while free := [name for name, others in after.items() if not others & after.keys()]:
        for name in free:
            del after[name]
    assert not after, f"import cycle: {', '.join(after)}"


@pytest.mark.parametrize("name", MODULES)
def test_modules_do_not_use_global_variables(name):
    assert not re.search(r"globalThis|window\.(?!Plotly\b)\w+", source(name))


def test_functions_that_components_call_are_exported():
    calls = re.compile(r'component\(\s*"\w+",\s*(?:"([\w/.]+)"|(MODULE)),\s*draw="(\w+)"(?:,\s*remove="(\w+)")?')
    found = []
    for path in assets.HERE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        constant = re.search(r'^MODULE = "([\w/.]+)"', text, re.MULTILINE)
        for module, named, *functions in calls.findall(text):
            name = constant[1] if named and constant else module
            assert set(filter(None, functions)) <= set(EXPORT.findall(source(name))), (path.name, name)
            found.append(name)
    assert {"panel/panel.js", "controls/control_group.js"} <= set(found)


@pytest.mark.parametrize("name", MODULES)
def test_scripts_contain_no_displayed_text(name):
    """Literals used as displayed text contain no letters, and no literal looks like a sentence."""
    found = texts(source(name))
    assert not found, f"{name} shows {found}: add them to schedules/words/english_sentences.toml"


@pytest.mark.parametrize(
    "code",
    [
        "button.title = 'Save';",
        "button.setAttribute('aria-label', 'Play');",
        "setText(this.button, `Save ${title}`);",
        "p.append('step ');",
        "const tip = 'Drag this to change it';",
    ],
)
def test_displayed_text_in_a_script_is_detected(code):
    assert texts(code)
