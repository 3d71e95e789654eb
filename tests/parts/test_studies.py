"""Studies: locks for their computation, cached results, and cache keys."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pages.parts import studies
from pages.parts.state import Setting
from schedules import POLICIES, Run
from schedules.training.cost import MOST
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.units import Units


def never():
    raise AssertionError("nothing else holds the lock")


def test_light_work_does_not_wait_for_heavy_work():
    def light():
        with studies.study_lock(1, never):
            return True

    with ThreadPoolExecutor(1) as pool, studies.study_lock(MOST, never):
        assert pool.submit(light).result(60)


def test_one_study_per_lock_runs_at_a_time_and_waiting_pages_are_notified(monkeypatch):
    monkeypatch.setattr(studies, "PATIENCE", 0)
    for work in (1, MOST):
        inside, reported, order = Event(), Event(), []

        def first(work=work, inside=inside, reported=reported, order=order):
            with studies.study_lock(work, never):
                inside.set()
                assert reported.wait(60)
                order.append("first")

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(first)
            assert inside.wait(60)
            with studies.study_lock(work, reported.set):
                order.append("second")
            done.result(60)
        assert order == ["first", "second"]


def test_an_evicted_study_is_computed_again_for_its_slow_part():
    shown = studies.ShownStudy(Setting(Run()))
    shown.draw()
    assert shown._held() is studies._RECENT[-1]
    studies._RECENT.clear()
    assert shown._held() is None
    kept = studies.ShownStudy(Setting(Run()))
    kept.draw()
    assert shown.stops.now() == kept.stops.now()
    assert shown.advice.now() == kept.advice.now()


def test_the_cost_of_advice_is_estimated_only_where_advice_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(studies, "advice_work", lambda *of: asked.append(of) or 1.0)
    shown = studies.ShownStudy(Setting(Run()))
    shown.draw()
    assert not asked, "a drag draws, and needs no advice"
    assert not shown.advice.as_job and not shown.advice.as_job
    assert len(asked) == 1


def test_only_the_latest_studies_are_kept():
    for _ in range(3 * studies._RECENT.maxlen):
        studies.ShownStudy(Setting(Run())).draw()
    assert len(studies._RECENT) == studies._RECENT.maxlen <= 4
    held = list(studies._RECENT)
    studies.ShownStudy(Setting(Run()), kept=False).draw()
    assert list(studies._RECENT) == held


@pytest.mark.parametrize("cached", [studies.cached_study, studies.lesson_study])
def test_the_cache_key_contains_everything_in_the_link(cached):
    run = Run()
    runs = [run.replace(schedule=run.schedule.replace(policy=policy())) for policy in POLICIES.values()]
    runs += [run.replace(problem=problem()) for problem in PROBLEMS.values()]
    runs += [run.replace(optimizer=optimizer()) for optimizer in OPTIMIZERS.values()]
    settings = [Setting(each) for each in dict.fromkeys(runs)]
    settings += [Setting(run, pinned=run.schedule), Setting(run, units=Units()), Setting(run.replace(first_seed=1))]
    assert len({id(cached(setting)) for setting in settings[-8:]}) == len(settings[-8:])
    assert len({setting.key for setting in settings}) == len(settings)
    assert cached(settings[-1]) is cached(Setting(Run(first_seed=1)))
