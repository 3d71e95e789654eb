"""Lightning steps a scheduler once per epoch, unless its dictionary says otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from schedules.reading import read_code

YAML = """\
optimizer:
  class_path: torch.optim.SGD
  init_args: {lr: 0.1}
lr_scheduler_config:
  scheduler:
    class_path: torch.optim.lr_scheduler.StepLR
    init_args: {step_size: 10, gamma: 0.1}
  interval: epoch
  frequency: 1
trainer: {max_epochs: 30, devices: 2}
"""
COMMAND_LINE = """\
optimizer:
  class_path: torch.optim.SGD
  init_args: {lr: 0.1}
lr_scheduler:
  class_path: torch.optim.lr_scheduler.StepLR
  init_args: {step_size: 10, gamma: 0.1}
trainer: {max_epochs: 30}
"""
CODE = """\
import lightning as L

class Net(L.LightningModule):
    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}

trainer = L.Trainer(max_epochs=30)
"""
PAIR = CODE.replace(
    '{"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}', "[optimizer], [scheduler]"
)
DEFAULT = "Without the interval step, Lightning steps the scheduler once per epoch."
ONCE = "The scheduler is stepped once per epoch."
EVERY_EPOCH = {
    # name: (text, sentence, line)
    "YAML": (YAML, ONCE, 8),
    "YAML without an interval": (YAML.replace("  interval: epoch\n", ""), DEFAULT, 8),
    "YAML with the scheduler alone": (YAML.replace("  interval: epoch\n  frequency: 1\n", ""), DEFAULT, 6),
    "the command line": (COMMAND_LINE, DEFAULT, 5),
    "a dictionary": (CODE, ONCE, 7),
    "a dictionary without an interval": (CODE.replace(', "interval": "epoch"', ""), DEFAULT, 7),
    "a dictionary with the scheduler": (CODE.replace('{"scheduler": scheduler, "interval": "epoch"}', "scheduler"), DEFAULT, 6),
    "lists": (PAIR, DEFAULT, 6),
}


def notices(text: str, values: dict[str, float | str] | None = None) -> dict[str, int]:
    return {str(notice.sentence): notice.line for notice in read_code(text, values).notices}


@pytest.mark.parametrize("name", EVERY_EPOCH)
def test_a_scheduler_is_stepped_once_per_epoch(name):
    text, sentence, line = EVERY_EPOCH[name]
    assert [each.name for each in read_code(text).missing] == ["steps_per_epoch"]
    reading = read_code(text, {"steps_per_epoch": 50})
    assert not reading.missing
    assert (reading.stepped, reading.schedule.update_every, reading.schedule.total_steps) == ("epoch", 50, 1_500)
    np.testing.assert_allclose(reading.schedule([0, 499, 500, 999, 1_000]), [0.1, 0.1, 0.01, 0.01, 0.001])
    assert notices(text, {"steps_per_epoch": 50})[sentence] == line
    assert (reading.units.epochs, reading.units.steps_per_epoch) == (30, 50)


@pytest.mark.parametrize("text", [YAML.replace("interval: epoch", "interval: step"), CODE.replace('"epoch"', '"step"')])
def test_the_interval_step_steps_once_per_update(text):
    reading = read_code(text.replace("max_epochs: 30", "max_steps: 30").replace("max_epochs=30", "max_steps=30"))
    assert not reading.missing
    assert (reading.stepped, reading.schedule.update_every, reading.schedule.total_steps) == ("update", 1, 30)
    np.testing.assert_allclose(reading.schedule([9, 10]), [0.1, 0.01])
    assert DEFAULT not in notices(text)


def test_a_run_of_max_steps_ends_within_an_epoch():
    reading = read_code(YAML.replace("max_epochs: 30", "max_steps: 1020"), {"steps_per_epoch": 50})
    assert (reading.schedule.update_every, reading.schedule.total_steps) == (50, 1_020)
    np.testing.assert_allclose(reading.schedule([999, 1_019]), [0.01, 0.001])


def test_a_frequency_in_epochs_is_kept_and_said():
    text = YAML.replace("frequency: 1", "frequency: 2")
    reading = read_code(text, {"steps_per_epoch": 50})
    np.testing.assert_allclose(reading.schedule([0, 999, 1_000]), [0.1, 0.1, 0.01])
    assert reading.schedule.total_steps == 1_500
    assert notices(text, {"steps_per_epoch": 50})["The scheduler is stepped after every 2 epochs."] == 8


def test_a_frequency_in_batches_counts_updates():
    text = YAML.replace("interval: epoch\n  frequency: 1", "interval: step\n  frequency: 4")
    text = text.replace("max_epochs: 30, devices: 2", "max_steps: 80, accumulate_grad_batches: 2")
    reading = read_code(text)
    np.testing.assert_allclose(reading.schedule([0, 19, 20]), [0.1, 0.1, 0.01])
    assert (reading.schedule.update_every, reading.schedule.total_steps) == (2, 80)
    assert "The scheduler is stepped after every 4 batches, counted anew in each epoch." in notices(text)


def test_an_interval_without_a_value_is_asked_for():
    text = CODE.replace('"interval": "epoch"', '"interval": self.hparams.interval')
    (asked,) = (each for each in read_code(text).missing if each.kind == "choice")
    assert (asked.name, asked.options) == ("interval", ("epoch", "step"))
    assert read_code(text, {"interval": "step"}).stepped == "update"


def test_steps_of_an_epoch_follow_from_samples_and_batch():
    text = YAML + "data: {batch_size: 10, num_train_samples: 1000}\n"
    reading = read_code(text)
    assert not reading.missing
    assert reading.schedule.update_every == 50


def test_a_scheduler_that_the_text_steps_itself_is_not_stepped_by_lightning():
    text = CODE.replace("    def configure", "    automatic_optimization = False\n\n    def configure")
    assert read_code(text).stepped == ""
