import string
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedules.core import tokens
from schedules.core.params import Nested, nested
from schedules.core.quantities import Rate, Steps
from schedules.core.spec import Spec, declared
from schedules.core.tokens import LONGEST
from schedules.policies import POLICIES, Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.nesterov import Nesterov
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run, from_token, to_token
from schedules.words import Sentence
from tests.boxes import PATIENT, strategy

RUNS = strategy(Run)
FIELDS = (
    "policy",
    "policy.floor",
    "peak_lr",
    "total_steps",
    "warmup_shape",
    "warmup_over",
    "problem",
    "problem.noise",
    "seeds",
)
NUMBERS = (
    "2000s",
    "1e999s",
    "-1s",
    "2.5s",
    "s",
    "1e-6r",
    "-1r",
    "1e999r",
    "nanr",
    "1e999",
    "-1e999",
    "nan",
    "-nan",
    "inf",
    "1e-999",
    "-0",
    "0x1p4",
    "1_000",
    "١",
    "½",
    "9" * 3_900,
    "1." + "0" * 3_000,
)
HARD = ("", "~", "~~", "-", "~-~", "1~~", "1~=", "1~policy", "1~policy-", "1~-5", "1~.-1", "1~policy.-1", "1~problem..noise-1")


def is_valid(run: Run) -> bool:
    """True if a run passes every check again, including nested objects."""
    return run == run.replace(
        schedule=run.schedule.replace(policy=run.schedule.policy.replace()),
        problem=run.problem.replace(),
        optimizer=run.optimizer.replace(),
    )


def check_total(text: str) -> None:
    run, notices = from_token(text)
    assert is_valid(run)
    assert all(isinstance(notice, Sentence) and str(notice) for notice in notices)
    assert from_token(to_token(run)) == (run, ())


def mutated(token: str, cuts: list[tuple[int, int, str]]) -> str:
    """A token with some pieces replaced by others."""
    for start, length, put in cuts:
        at = start % (len(token) + 1)
        token = token[:at] + put + token[at + length :]
    return token


@settings(PATIENT, max_examples=300)
@given(st.text(st.characters(), max_size=200))
@example("9" * 5_000)
@example("1~peak_lr-" + "9" * 5_000)
@example("1" + "~seeds-3" * 2_000)
@example("\ud800~\x00-\ud800")
def test_any_text_gives_a_valid_run(text):
    check_total(text)


@settings(PATIENT, max_examples=300)
@given(
    RUNS, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 8), st.text("~-._1e9ax ∞\ud800", max_size=5)), max_size=6)
)
def test_a_damaged_token_gives_a_valid_run(run, cuts):
    check_total(mutated(to_token(run), cuts))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", NUMBERS, ids=lambda v: v[:8])
def test_hostile_numbers_give_a_valid_run(field, value):
    check_total(f"1~{field}-{value}")


@pytest.mark.parametrize("text", HARD)
def test_bare_separators_give_a_valid_run(text):
    check_total(text)


@settings(PATIENT, max_examples=400)
@given(RUNS)
def test_a_valid_run_round_trips_without_a_notice(run):
    assert from_token(to_token(run)) == (run, ())


@pytest.mark.parametrize("registry", [POLICIES, PROBLEMS, OPTIMIZERS], ids=lambda r: r.kind)
def test_every_class_round_trips_through_a_token(registry):
    for cls in registry.values():
        run = Run(schedule=Schedule(policy=cls())) if registry is POLICIES else Run(**{registry.kind: cls()})
        assert from_token(to_token(run)) == (run, ())


@settings(PATIENT, max_examples=200)
@given(RUNS)
def test_tokens_need_no_url_encoding(run):
    token = to_token(run)
    assert quote_plus(token) == token
    assert set(token) <= set(string.ascii_letters + string.digits + "._-~")
    assert len(token) < LONGEST


def test_defaults_are_left_out():
    assert to_token(Run()) == "1"
    assert from_token("1") == from_token("") == (Run(), ())
    usual = Run().schedule
    assert to_token(Run(schedule=usual.replace(peak_lr=0.1))) == "1~peak_lr-0.1"
    assert to_token(Run(schedule=usual.replace(policy=Constant()))) == "1~policy-constant"
    assert to_token(Run(schedule=usual.replace(policy=Cosine(floor=0.1)))) == "1~policy.floor-0.1"
    assert to_token(Run(problem=Bowl(start_x=-4), seeds=3)) == "1~problem.start_x--4~seeds-3"


def test_lengths_in_steps_and_rates_have_a_letter_behind_the_number():
    usual = Run().schedule
    schedule = usual.replace(policy=Cosine(floor=Rate(1e-6)), warmup=Steps(2_000), horizon=Steps(20_000), lowest=Rate(1e-5))
    token = to_token(Run(schedule=schedule))
    assert token == "1~policy.floor-1e-06r~warmup-2000s~horizon-20000s~lowest-1e-05r"
    assert from_token(token) == (Run(schedule=schedule), ())
    assert to_token(Run(schedule=usual.replace(warmup=Steps(0)))) == "1~warmup-0s", "no share, and no default"
    run, (notice,) = from_token("1~warmup-2e9s")
    assert run.schedule.warmup == Steps(10_000_000)
    assert str(notice) == (
        "The link's warmup is 2e9s, but it must be a number between 0 and 1, or a length from 0 to 10,000,000 steps such as "
        "2000 steps; 10,000,000 steps is used instead."
    )
    run, (notice,) = from_token("1~warmup-1e-06r")
    assert run.schedule.warmup == usual.warmup
    assert "reads 1e-06r, which is not a value it can have" in str(notice)


@declared
class Holder(Spec):
    """Holds a policy that differs from the default of its class."""

    title = "Holder"
    policy: Policy = nested(default=Cosine(floor=0.5), base=Policy, registry=POLICIES, doc="A policy.")


def test_an_omitted_field_is_the_default_of_the_containing_class():
    assert tokens.encode(Holder(policy=Cosine())) == "1~policy.floor-0"
    assert tokens.decode("1~policy-cosine", Holder) == (Holder(), ())
    assert tokens.decode("1~policy-cosine~policy.floor-0", Holder) == (Holder(policy=Cosine()), ())
    assert tokens.decode("1~policy-constant", Holder) == (Holder(policy=Constant()), ())


def test_flat_names_do_not_collide():
    flat = [p for p in Run.params if isinstance(p, Nested) and p.flat]
    names = [p.name for p in Run.params] + [inner.name for p in flat for inner in p.base.params]
    assert len(names) == len(set(names)), "a field of Run and a flat field of what it holds share a name: rename one"


@pytest.mark.parametrize("registry", [POLICIES, PROBLEMS, OPTIMIZERS], ids=lambda r: r.kind)
def test_names_in_links_are_lower_case_ascii_identifiers(registry):
    for slug, cls in registry.items():
        for name in (slug, *(p.name for p in cls.params)):
            assert name.isidentifier()
            assert name.isascii()
            assert name == name.lower()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2~peak_lr-0.1", "notice.version"),
        ("garbage~peak_lr-0.1", "notice.no_version"),
        ("1~peak_lr-0.1~" + "x" * LONGEST, "notice.too_long"),
        ("1~peak_lr-0.1~what", "notice.unreadable_part"),
        ("1~peak_lr-0.1~-5", "notice.unreadable_part"),
        ("1~peak_lr-0.1~seeds-many", "notice.unreadable_value"),
        ("1~peak_lr-0.1~warmup_shape-round", "notice.unreadable_value"),
        ("1~peak_lr-0.1~warmup_over-1", "notice.unreadable_value"),
        ("1~peak_lr-0.1~problem-everest", "notice.unknown_name"),
        ("1~peak_lr-0.1~depth-3", "notice.unknown_field"),
        ("1~peak_lr-0.1~policy-constant~policy.floor-0.1", "notice.unknown_field"),
        ("1~peak_lr-0.1~schedule-x", "notice.unknown_field"),
        ("1~peak_lr-0.2~peak_lr-0.1", "notice.repeated_field"),
    ],
)
def test_every_repair_has_a_notice_and_the_rest_is_used(text, key):
    run, notices = from_token(text)
    assert key in [notice.key for notice in notices]
    assert run.schedule.peak_lr == 0.1


@pytest.mark.parametrize(
    ("text", "field", "used"),
    [
        ("1~peak_lr-1e999", "peak_lr", 100),
        ("1~peak_lr--3", "peak_lr", 1e-10),
        ("1~peak_lr-0", "peak_lr", 1e-10),
        ("1~total_steps-2.4", "total_steps", 2),
        ("1~warmup-1.5", "warmup", 1),
    ],
)
def test_a_value_out_of_range_is_clipped_with_a_notice(text, field, used):
    run, (notice,) = from_token(text)
    assert getattr(run.schedule, field) == used
    assert notice.key == "notice.out_of_range"
    assert field in str(notice)


def test_an_unreadable_value_falls_back_to_the_default_of_a_run():
    run, (notice,) = from_token("1~warmup-nan")
    assert run.schedule.warmup == Run().schedule.warmup != Schedule().warmup
    assert str(notice) == "The link's warmup reads nan, which is not a value it can have; 0.1 is used instead."


def test_a_link_with_momentum_as_a_field_of_sgd_still_opens():
    assert from_token("1~optimizer.momentum-0.5") == (Run(optimizer=Momentum(momentum=0.5)), ())
    assert from_token("1~peak_lr-0.1~optimizer.momentum-0.9~seeds-3") == from_token("1~peak_lr-0.1~optimizer-momentum~seeds-3")
    named = Run(optimizer=Nesterov(momentum=0.5))
    assert from_token("1~optimizer.momentum-0.5~optimizer-nesterov") == from_token(to_token(named)) == (named, ())


def test_notices_format_numbers_with_format_number():
    _, (notice,) = from_token("1~first_seed-1e30")
    assert f"{Run.param('first_seed').high:,} is used instead." in str(notice)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("1~" + "a-b~" * 900, ["notice.unknown_field"]),
        ("1~" + "what~" * 700, ["notice.unreadable_part"]),
        ("1" + "~seeds-3" * 400 + "~seeds-4", ["notice.repeated_field"]),
    ],
)
def test_a_repeated_error_in_a_link_has_one_notice(text, keys):
    assert [notice.key for notice in from_token(text)[1]] == keys


def test_notices_contain_no_markup_from_the_link():
    _, notices = from_token("1~<b>-3~![x](http://e)~seeds-**3**~policy-$x$~\x00\u202e-1")
    assert len(notices) == 5
    assert not set("<>[]()!*$`:/\x00\u202e") & set("".join(str(value) for notice in notices for _, value in notice.values))


def test_a_short_token_matches_its_docstring():
    run, notices = from_token("1~policy-constant~peak_lr-0.1~problem.noise-0")
    assert run == Run(schedule=Run().schedule.replace(policy=Constant(), peak_lr=0.1), problem=Bowl(noise=0))
    assert notices == ()
