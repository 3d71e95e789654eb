"""A real run as JSON."""

import json

from schedules import Run, Schedule, Steps, from_token
from schedules.export.run_json import run_json
from schedules.long_runs import listed_steps
from schedules.policies import POLICIES
from schedules.real_run import RealRun
from schedules.real_run.resume import Resume
from schedules.training.problems.language_model import LanguageModel
from schedules.units import Units


def test_the_content_is_that_of_the_run():
    schedule = Schedule(peak_lr=5e-5, total_steps=1_000, warmup=Steps(100))
    real = RealRun(mix_up="per_device", resume=Resume(kind="afresh", stop=Steps(400)), weight_decay=0.1)
    found = json.loads(run_json(Run(schedule=schedule), real, Units(devices=8)))
    assert found["schedule"]["peak_lr"] == 5e-5
    assert found["schedule"]["warmup"] == "100s"
    assert found["real_run"]["mix_up"] == "per_device"
    assert found["real_run"]["resume"]["stop"] == "400s"
    assert found["units"]["devices"] == 8
    assert from_token(found["link"])[0].schedule == schedule
    assert found["steps"] == [*range(1_000)]
    assert found["rates"] == schedule.lrs().tolist()


def test_every_policy_is_written():
    for slug, policy in POLICIES.items():
        found = json.loads(run_json(Run(schedule=Schedule(policy=policy())), RealRun()))
        assert found["schedule"]["policy"]["name"] == slug
        assert found["units"] is None


def test_a_run_of_the_toy_has_no_real_run_and_a_long_one_only_some_steps():
    schedule = Schedule(total_steps=1_000_000, warmup=Steps(123_457))
    found = json.loads(run_json(Run(schedule=schedule)))
    assert found["real_run"] is None
    assert found["steps"] == listed_steps(schedule).steps.tolist()
    assert 123_457 in found["steps"]
    assert found["rates"] == schedule(found["steps"]).tolist()


def test_a_predicted_run_has_no_optimizer():
    assert json.loads(run_json(Run(problem=LanguageModel())))["optimizer"] is None
    assert json.loads(run_json(Run()))["optimizer"] == {"name": "sgd"}
