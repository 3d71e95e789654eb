"""Configurations as projects publish them: the library, the curve at steps that people check, lines, notices and questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from schedules.reading import read_code

DEEPSPEED_DOCS = """\
{
  "train_batch_size": 8,
  "gradient_accumulation_steps": 1,
  "optimizer": {
    "type": "Adam",
    "params": {
      "lr": 0.00015
    }
  },
  "scheduler": {
    "type": "WarmupLR",
    "params": {
      "warmup_min_lr": 0,
      "warmup_max_lr": 0.001,
      "warmup_num_steps": 1000
    }
  },
  "fp16": {"enabled": true},
  "zero_optimization": true
}
"""
DEEPSPEED_AUTO = """\
{
   "scheduler": {
         "type": "WarmupDecayLR",
         "params": {
             "last_batch_iteration": -1,
             "total_num_steps": "auto",
             "warmup_min_lr": "auto",
             "warmup_max_lr": "auto",
             "warmup_num_steps": "auto"
         }
     }
}
"""
DEEPSPEED_PYTHON = """\
def initialize_deepspeed(model, tokenizer, args):
    ds_config = {"train_micro_batch_size_per_gpu": args.batch_size,
                 "optimizer": {"type": "AdamW", "params": {"lr": args.lr, "weight_decay": 0.0}},
                 "scheduler": {"type": "WarmupDecayLR",
                               "params": {"total_num_steps": 2000, "warmup_min_lr": 0,
                                          "warmup_max_lr": args.lr, "warmup_num_steps": 100, "warmup_type": "linear"}},
                 "gradient_clipping": 1.0}
"""
MEGATRON_345M = """\
#!/bin/bash
# Runs the "345M" parameter model
export CUDA_DEVICE_MAX_CONNECTIONS=1
GPUS_PER_NODE=8
DISTRIBUTED_ARGS="
    --nproc_per_node $GPUS_PER_NODE \\
    --nnodes 1
"

GPT_ARGS="
    --num-layers 24 \\
    --hidden-size 1024 \\
    --global-batch-size 64 \\
    --lr 0.00015 \\
    --train-iters 500000 \\
    --lr-decay-iters 320000 \\
    --lr-decay-style cosine \\
    --min-lr 1.0e-5 \\
    --weight-decay 1e-2 \\
    --lr-warmup-fraction .01 \\
    --clip-grad 1.0 \\
    --fp16
"

torchrun $DISTRIBUTED_ARGS pretrain_gpt.py \\
    $GPT_ARGS \\
    --distributed-backend nccl
"""
MEGATRON_ARRAY = """\
TRAINING_ARGS=(
    --micro-batch-size 1
    --global-batch-size 1536
    --train-iters 500000
    --adam-beta1 0.9
    --lr 6.0e-5
    --lr-decay-style cosine
    --min-lr 6.0e-6
    --lr-warmup-fraction .001
    --lr-decay-iters 430000
)
torchrun ${DISTRIBUTED_ARGS[@]} pretrain_gpt.py ${TRAINING_ARGS[@]}
"""
MEGATRON_SAMPLES = """\
options=" \\
    --micro-batch-size 4 \\
    --global-batch-size 256 \\
    --train-samples 2560000 \\
    --lr-decay-samples 1280000 \\
    --lr-warmup-samples 25600 \\
    --lr 3.0e-4 \\
    --min-lr 3.0e-5 \\
    --lr-decay-style cosine"
run_cmd="python -u pretrain_gpt.py $options"
"""
MEGATRON_ONE_LINE = (
    "deepspeed --num_gpus 16 pretrain_gpt.py --num-layers 28 --global-batch-size 16 --train-iters 20 --split 98\\,2\\,0 "
    "--lr 1e-5 --lr-decay-style cosine --min-lr 1e-6 --clip-grad 1.0 --lr-warmup-iters 5 --optimizer adam --eval-iters 0"
)
MEGATRON_VARIABLES = """\
TRAIN_ITERS=1000
LR=${1:-2e-4}
WARMUP=$((TRAIN_ITERS / 20))
python pretrain_gpt.py --train-iters "$TRAIN_ITERS" --lr $LR --min-lr 2e-5 --lr-warmup-iters "${WARMUP}" --lr-decay-style linear
"""
NEMO_ASR = """\
name: "Conformer-CTC-BPE"
model:
  sample_rate: 16000
  optim:
    name: adamw
    lr: 2.0
    betas: [0.9, 0.98]
    weight_decay: 1e-3
    sched:
      name: NoamAnnealing
      d_model: ${model.encoder.d_model}
      warmup_steps: 10000
      warmup_ratio: null
      min_lr: 1e-6
  encoder:
    d_model: 512
trainer:
  devices: -1
  max_epochs: 1000
  max_steps: -1
"""
NEMO_GPT = """\
trainer:
  max_steps: 100000
  accumulate_grad_batches: 1
model:
  optim:
    name: distributed_fused_adam
    lr: 2.0e-4
    weight_decay: 0.01
    sched:
      name: CosineAnnealing
      warmup_steps: 500
      constant_steps: 50000
      min_lr: 2.0e-5
"""
MMDET = """\
_base_ = ['../_base_/default_runtime.py']
# training schedule for 1x
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12, val_interval=1)
param_scheduler = [
    dict(
        type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(
        type='MultiStepLR',
        begin=0,
        end=12,
        by_epoch=True,
        milestones=[8, 11],
        gamma=0.1)
]
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=0.0001))
auto_scale_lr = dict(enable=False, base_batch_size=16)
"""
MMSEG = """\
optimizer = dict(type='AdamW', lr=0.00006, betas=(0.9, 0.999), weight_decay=0.01)
optim_wrapper = dict(type='OptimWrapper', optimizer=optimizer, clip_grad=None)
param_scheduler = [
    dict(
        type='LinearLR', start_factor=1e-6, by_epoch=False, begin=0, end=1500),
    dict(
        type='PolyLR',
        eta_min=0.0,
        power=1.0,
        begin=1500,
        end=160000,
        by_epoch=False,
    )
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=160000, val_interval=16000)
"""
MMPRETRAIN = """\
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=5e-4 * 1024 / 512, weight_decay=0.05, eps=1e-8, betas=(0.9, 0.999)))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=True, end=20, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=1e-5, by_epoch=True, begin=20)
]
train_cfg = dict(by_epoch=True, max_epochs=300, val_interval=1)
"""
LLM_FOUNDRY = """\
variables:
  global_seed: 17
  max_seq_len: 2048
max_seq_len: ${variables.max_seq_len}

# Optimization
scheduler:
  name: cosine_with_warmup
  t_warmup: 100ba
  alpha_f: 0.1

optimizer:
  name: decoupled_adamw
  lr: 6.0e-4
  betas:
  - 0.9
  - 0.95

max_duration: 4800ba
global_train_batch_size: 256
"""
LLM_FOUNDRY_EPOCHS = """\
max_duration: 2ep
scheduler: {name: linear_decay_with_warmup, t_warmup: 0.02dur, alpha_f: 0.0}
optimizer: {name: decoupled_lionw, lr: 5.0e-7}
"""
ULTRALYTICS = """\
task: detect
mode: train
epochs: 10 # (int) number of epochs to train for
batch: 16
optimizer: SGD # (str) optimizer
cos_lr: False # (bool) use cosine learning rate scheduler
lr0: 0.01 # (float) initial learning rate
lrf: 0.01 # (float) final learning rate (lr0 * lrf)
warmup_epochs: 3.0
warmup_bias_lr: 0.1
"""
DREAMBOOTH = """\
export MODEL_NAME="CompVis/stable-diffusion-v1-4"
export OUTPUT_DIR="path-to-save-model"

accelerate launch train_dreambooth.py \\
  --pretrained_model_name_or_path=$MODEL_NAME  \\
  --output_dir=$OUTPUT_DIR \\
  --resolution=512 \\
  --train_batch_size=1 \\
  --gradient_accumulation_steps=1 \\
  --learning_rate=5e-6 \\
  --lr_scheduler="constant" \\
  --lr_warmup_steps=0 \\
  --max_train_steps=400
"""
NANOGPT = """\
# train a miniature character-level shakespeare model
eval_interval = 250 # keep frequent because we'll overfit
dataset = 'shakespeare_char'
batch_size = 64
learning_rate = 1e-3 # with baby networks can afford to go a bit higher
max_iters = 5000
lr_decay_iters = 5000 # make equal to max_iters usually
min_lr = 1e-4 # learning_rate / 10 usually
beta2 = 0.99
warmup_iters = 100 # not super necessary potentially
"""
TORCHTITAN = """\
[optimizer]
name = "AdamW"
lr = 3e-4
eps = 1e-8

[lr_scheduler]
warmup_steps = 200  # lr scheduler warm up

[training]
local_batch_size = 1
seq_len = 8192
steps = 1000
"""
LIGHTNING = """\
seed_everything: true
optimizer:
  class_path: torch.optim.AdamW
  init_args:
    lr: 0.002
lr_scheduler:
  class_path: torch.optim.lr_scheduler.CosineAnnealingLR
  init_args:
    T_max: 80
    eta_min: 1.0e-5
"""
HYDRA = """\
optimizer:
  _target_: torch.optim.SGD
  _partial_: true
  lr: 0.1
scheduler:
  _target_: torch.optim.lr_scheduler.StepLR
  _partial_: true
  step_size: 30
  gamma: 0.1
"""
CLASS_NAME = """\
lightning:
  lr: 2.0e-4
  lr_scheduler:
    class_name: CosineAnnealingLR
    eta_min: 1.0e-5
    T_max: 100
"""
PARAMS = """\
optimizer:
  name: AdamW         # any torch.optim class
  params:             # its constructor kwargs
    lr: 0.001
lr_scheduler:
  name: CosineAnnealingLR   # any torch.optim.lr_scheduler class
  params:
    T_max: 10000
    eta_min: 1.0e-6
"""

CONFIGURATIONS: dict[str, tuple[str, dict[str, Any], str, int, dict[int, float]]] = {
    # name: (text, values, library, line, rates by step)
    "DeepSpeed's documentation": (
        DEEPSPEED_DOCS,
        {"total_steps": 2_000},
        "deepspeed",
        11,
        {0: 0.0, 1: 0.0, 2: 1e-3 * np.log(2) / np.log(1_000), 1_001: 1e-3, 1_999: 1e-3},
    ),
    "DeepSpeed with auto": (
        DEEPSPEED_AUTO,
        {"learning_rate": 3e-5, "warmup_steps": 10, "max_steps": 110},
        "deepspeed",
        3,
        {0: 0.0, 11: 3e-5, 61: 1.5e-5},
    ),
    "DeepSpeed in Python": (DEEPSPEED_PYTHON, {"args.lr": 1e-4}, "deepspeed", 4, {51: 5e-5, 101: 1e-4, 1_051: 5e-5}),
    "Megatron's example": (
        MEGATRON_345M,
        {},
        "megatron",
        14,
        {0: 0.0, 1_600: 7.5e-5, 3_200: 1.5e-4, 161_600: 8e-5, 320_000: 1e-5, 499_999: 1e-5},
    ),
    "Megatron's flags in an array": (MEGATRON_ARRAY, {}, "megatron", 6, {430: 6e-5, 215_215: 3.3e-5, 430_000: 6e-6}),
    "Megatron in samples": (
        MEGATRON_SAMPLES,
        {},
        "megatron",
        4,
        {50: 1.5e-4, 100: 3e-4, 2_550: 1.65e-4, 5_000: 3e-5, 9_999: 3e-5},
    ),
    "Megatron in one line": (
        MEGATRON_ONE_LINE,
        {},
        "megatron",
        1,
        {5: 1e-5, 19: 1e-6 + 9e-6 * 0.5 * (1 + np.cos(np.pi * 14 / 15))},
    ),
    "Megatron with variables": (MEGATRON_VARIABLES, {}, "megatron", 4, {25: 1e-4, 50: 2e-4, 525: 1.1e-4}),
    "NeMo's Conformer": (
        NEMO_ASR,
        {"total_steps": 50_000},
        "nemo",
        10,
        {0: 2 * 512**-0.5 * 1e4**-1.5, 5_000: 1e-2 * 512**-0.5, 10_000: 2e-2 * 512**-0.5, 40_000: 1e-2 * 512**-0.5},
    ),
    "NeMo's GPT": (NEMO_GPT, {}, "nemo", 10, {250: 1e-4, 500: 2e-4, 25_250: 1.1e-4, 50_000: 2e-5, 99_999: 2e-5}),
    "mmdetection's 1x": (
        MMDET,
        {"iterations_per_epoch": 7_330},
        "mmengine",
        5,
        {0: 2e-5, 499: 0.02, 58_639: 0.02, 58_640: 0.002, 80_630: 0.0002, 87_959: 0.0002},
    ),
    "mmsegmentation's poly": (MMSEG, {}, "mmengine", 4, {0: 6e-11, 1_499: 6e-5, 1_500: 6e-5, 159_999: 0.0}),
    "mmpretrain's Swin": (
        MMPRETRAIN,
        {"iterations_per_epoch": 1_251},
        "mmengine",
        3,
        {0: 1e-6, 25_019: 1e-3, 25_020: 1e-3, 160 * 1_251: 5.05e-4, 160 * 1_251 + 1_250: 5.05e-4},
    ),
    "LLM Foundry": (LLM_FOUNDRY, {}, "composer", 8, {0: 0.0, 50: 3e-4, 100: 6e-4, 2_450: 3.3e-4}),
    "LLM Foundry in epochs": (
        LLM_FOUNDRY_EPOCHS,
        {"batches_per_epoch": 500},
        "composer",
        2,
        {10: 2.5e-7, 20: 5e-7, 510: 2.5e-7},
    ),
    "Ultralytics": (
        ULTRALYTICS,
        {"batches_per_epoch": 100},
        "ultralytics",
        7,
        {0: 0.0, 300: 0.01 * (1 - 0.3 * 0.99), 999: 0.01 * 0.109},
    ),
    "diffusers' DreamBooth": (DREAMBOOTH, {}, "diffusers", 11, {0: 5e-6, 399: 5e-6}),
    "nanoGPT's Shakespeare": (NANOGPT, {}, "nanogpt", 5, {0: 1e-3 / 101, 99: 1e-1 / 101, 100: 1e-3, 2_550: 5.5e-4}),
    "torchtitan": (TORCHTITAN, {}, "torchtitan", 7, {0: 1.5e-6, 199: 3e-4, 200: 3e-4, 999: 3e-4 / 800}),
    "Lightning's command line": (LIGHTNING, {}, "torch", 7, {0: 0.002, 40: 0.001005, 80: 1e-5}),
    "Hydra": (HYDRA, {"total_steps": 90}, "torch", 6, {0: 0.1, 29: 0.1, 30: 0.01, 89: 0.001}),
    "a class by its name": (CLASS_NAME, {}, "torch", 4, {0: 2e-4, 50: 1.05e-4}),
    "a name with params": (PARAMS, {}, "torch", 6, {0: 1e-3, 5_000: 5.005e-4}),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_published_configuration_is_read(name):
    text, values, library, line, rates = CONFIGURATIONS[name]
    reading = read_code(text, values)
    assert reading.schedule is not None, [str(notice.sentence) for notice in reading.notices]
    assert (reading.library, reading.line) == (library, line)
    assert not reading.missing
    assert not [str(notice.sentence) for notice in reading.notices if notice.level == "refused"]
    steps = np.array(list(rates), dtype=float)
    np.testing.assert_allclose(reading.schedule(steps), list(rates.values()), rtol=1e-9, atol=1e-15)


def test_what_is_not_in_a_text_is_asked_for_by_name():
    assert {missing.name for missing in read_code(DEEPSPEED_AUTO).missing} == {"learning_rate", "warmup_steps", "max_steps"}
    assert [missing.name for missing in read_code(MMDET).missing] == ["iterations_per_epoch"]
    assert [missing.name for missing in read_code(ULTRALYTICS).missing] == ["batches_per_epoch"]
    assert [missing.name for missing in read_code(MEGATRON_ONE_LINE.replace("--train-iters 20", "")).missing] == ["train_iters"]


def notices(text: str, values: dict[str, Any] | None = None) -> dict[int, str]:
    return {notice.line: str(notice.sentence) for notice in read_code(text, values).notices}


def test_bare_exponents_in_yaml_get_a_notice():
    assert notices("lr: 1e-3\nscheduler:\n  type: StepLR\n  step_size: 3\n")[1] == (
        "1e-3 is text to parsers of YAML 1.1; 1.0e-3 is a number."
    )
    for same in ("lr: 1.0e-3", "lr: '1e-3'", '{"lr": 1e-3}'):
        text = f"{same}\n" if same.startswith("lr") else same
        assert 1 not in notices(text + "scheduler:\n  type: StepLR\n  step_size: 3\n" if same.startswith("lr") else text)


def test_a_json_with_exponents_has_no_notice():
    assert not notices('{"lr": 1e-3, "scheduler": {"type": "StepLR", "step_size": 3}}')


def test_a_repeated_key_is_said_and_the_last_one_counts():
    text = "lr: 0.1\nscheduler:\n  type: StepLR\n  step_size: 3\n  step_size: 4\n"
    assert notices(text)[5] == "step_size is given twice; the later value counts."
    assert read_code(text).schedule([3, 4]).tolist() == pytest.approx([0.1, 0.01])


def test_an_unknown_key_is_said_with_the_nearest_known_one():
    text = "lr: 0.1\nscheduler:\n  type: CosineAnnealingLR\n  t_max: 30\n"
    assert notices(text, {"T_max": 30})[3] == "CosineAnnealingLR has no argument t_max; it was left out. Did you mean T_max?"


@pytest.mark.parametrize(
    ("text", "form", "line"),
    [("a: 1\nb: [1, 2\nc: }\n", "YAML", 3), ('{\n "scheduler": {"type": "StepLR"\n "step_size": 3\n}', "JSON", 3)],
)
def test_a_broken_configuration_is_one_sentence_with_the_line(text, form, line):
    reading = read_code(text)
    assert [str(notice.sentence) for notice in reading.notices if notice.level == "refused"] == [
        f"The text could not be read as {form}; the error is in line {line}."
    ]


def test_the_rate_that_ultralytics_chooses_itself_is_said():
    said = notices(ULTRALYTICS.replace("optimizer: SGD # (str) optimizer\n", ""))
    assert "With optimizer=auto Ultralytics chooses the rate itself and ignores lr0." in said.values()


def test_a_warm_up_of_one_epoch_in_mmengine_never_ends():
    """Its only step is also its last, so the factor stays: a ramp of one epoch needs convert_to_iter_based."""
    text = (
        "optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-4))\n"
        "param_scheduler = [dict(type='LinearLR', start_factor=1e-5, begin=0, end=1),\n"
        "                   dict(type='MultiStepLR', milestones=[24, 32], gamma=0.1, by_epoch=True)]\n"
        "train_cfg = dict(max_epochs=36)\n"
    )
    np.testing.assert_allclose(read_code(text).schedule([0, 1, 23, 24, 32, 35]), [1e-9, 1e-9, 1e-9, 1e-10, 1e-11, 1e-11])


def test_lengths_that_are_not_integers_are_drawn_with_their_deviation():
    text = MEGATRON_SAMPLES.replace("25600", "25700")
    (sentence,) = (str(notice.sentence) for notice in read_code(text).notices if "An update takes" not in str(notice.sentence))
    assert sentence.startswith("The curve is drawn through points; its largest error is 0.00")


FRAGMENT = """\
  "optimizer": {
    "type": "AdamW",
    "params": {"lr": 1e-4}
  },
  "scheduler": {
    "type": "WarmupDecayLR",
    "params": {
      "warmup_min_lr": 0, // from zero
      "warmup_max_lr": 1e-4,
      "warmup_num_steps": 1000,
      "total_num_steps": 100000
    }
  },
"""
DATABRICKS = """\
# MAGIC   scheduler:
# MAGIC     name: cosine_with_warmup
# MAGIC     t_warmup: 100ba
# MAGIC     alpha_f: 0.1
# MAGIC   optimizer:
# MAGIC     name: decoupled_adamw
# MAGIC     lr: 2.0e-4
# MAGIC   max_duration: 300ba
"""
FAIRSEQ_COMMENTED = """\
# CUDA_VISIBLE_DEVICES=0 fairseq-train nmt/data-bin --arch transformer \\
#     --optimizer adam  --lr 0.001 --adam-betas '(0.9, 0.98)' \\
#     --lr-scheduler inverse_sqrt --max-tokens 4096  --dropout 0.3 \\
#     --max-update 200000  --warmup-updates 4000 --warmup-init-lr '1e-07'
"""
MODEL_CARD = """\
### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 0.0002
- train_batch_size: 1
- seed: 42
- optimizer: Use OptimizerNames.ADAMW_TORCH_FUSED with betas=(0.9,0.999) and epsilon=1e-08
- lr_scheduler_type: cosine
- lr_scheduler_warmup_ratio: 0.1
- training_steps: 300
"""
LLAMA_FACTORY = """\
### train
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
num_train_epochs: 3.0
lr_scheduler_type: cosine
warmup_ratio: 0.1
bf16: true
"""
TRAINER_KWARGS = """\
!torchrun --nproc_per_node 8 run_clm.py \\
  --learning_rate 3e-4 --lr_scheduler_type cosine_with_min_lr --lr_scheduler_kwargs '{"min_lr_rate": 0.1}' \\
  --warmup_steps 100 --max_steps 1000
"""
TIMM_VIG = (
    "python -m torch.distributed.launch --nproc_per_node=8 train.py /path/to/imagenet/ --model pvig_s_224_gelu --sched cosine "
    "--epochs 300 --opt adamw -j 8 --warmup-lr 1e-6 --mixup .8 --warmup-epochs 20 --opt-eps 1e-8 --lr 2e-3 -b 128"
)
TIMM_EFFICIENTNET = (
    "./distributed_train.sh 8 /imagenet --model efficientnet_b0 -b 128 --sched step --epochs 450 --decay-epochs 2.4 "
    "--decay-rate .97 --opt rmsproptf --warmup-lr 1e-6 --lr .048"
)
DETECTRON2 = """\
_BASE_: "../Base-RCNN-FPN.yaml"
SOLVER:
  BASE_LR: 0.02
  STEPS: (210000, 250000)
  MAX_ITER: 270000
"""
JSON_ARGUMENTS = '{"args": ["--lr", "1e-4", "--lr-decay-style", "linear", "--train-iters", "1000", "--min-lr", "0"]}'
INDENTED = """\
    config = {
        "train_batch_size": 8,
        "scheduler": {
            "type": "WarmupDecayLR",
            "params": {
            "warmup_min_lr": 0.02,
            "warmup_max_lr": 0.05,
            "warmup_num_steps": 4,
            "total_num_steps" : 8,
            "warmup_type": "linear"
            }
        },
    }


    class SampleModel(LightningModule):
        ...

        def configure_optimizers(self):
"""
AXOLOTL = """\
base_model: NousResearch/Llama-3.2-1B
micro_batch_size: 2
num_epochs: 1
optimizer: adamw_8bit
lr_scheduler: cosine
learning_rate: 0.0002
warmup_steps: 10
max_steps: 210
cosine_min_lr_ratio: 0.1
"""

OTHER_TEXTS: dict[str, tuple[str, dict[str, Any], str, int, dict[int, float]]] = {
    "a part of JSON with a comment": (FRAGMENT, {}, "deepspeed", 6, {1_001: 1e-4, 50_501: 5e-5}),
    "a cell of Databricks": (DATABRICKS, {}, "composer", 2, {50: 1e-4, 100: 2e-4, 200: 1.1e-4}),
    "a command that is commented out": (FAIRSEQ_COMMENTED, {}, "fairseq", 3, {0: 1e-7, 4_000: 1e-3, 16_000: 5e-4}),
    "a model card": (MODEL_CARD, {}, "transformers", 4, {15: 1e-4, 30: 2e-4, 165: 1e-4}),
    "LLaMA-Factory": (LLAMA_FACTORY, {"len(train_dataset)": 8_000}, "transformers", 4, {150: 5e-5, 300: 1e-4, 1_650: 5e-5}),
    "the Trainer with keyword arguments": (TRAINER_KWARGS, {}, "transformers", 2, {100: 3e-4, 550: 1.65e-4, 999: 3.0000822e-5}),
    "timm's cosine": (
        TIMM_VIG,
        {"updates_per_epoch": 10},
        "timm",
        1,
        {0: 1e-6, 9: 1e-6, 1_500: 1e-3, 1_509: 1e-3, 2_999: 5.4831e-8},
    ),
    "detectron2": (DETECTRON2, {}, "detectron2", 3, {0: 2e-5, 1_000: 0.02, 209_999: 0.02, 210_000: 0.002, 269_999: 0.0002}),
    "flags in JSON": (JSON_ARGUMENTS, {}, "megatron", 1, {0: 1e-4, 500: 5e-5}),
    "an indented part of a script": (INDENTED, {}, "deepspeed", 4, {0: 0.02, 5: 0.05, 7: 0.035}),
    "axolotl": (AXOLOTL, {}, "axolotl", 2, {10: 2e-4, 110: 1.1e-4, 209: 2.00111e-5}),
}


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_a_text_from_elsewhere_is_read(name):
    text, values, library, line, rates = OTHER_TEXTS[name]
    reading = read_code(text, values)
    assert reading.schedule is not None, [str(notice.sentence) for notice in reading.notices]
    assert (reading.library, reading.line) == (library, line)
    assert not reading.missing
    assert not [str(notice.sentence) for notice in reading.notices if notice.level == "refused"]
    np.testing.assert_allclose(reading.schedule(np.array(list(rates), dtype=float)), list(rates.values()), rtol=1e-5)


def test_stairs_of_a_length_that_is_no_integer_are_drawn_through_points():
    """450 epochs in stairs of 2.4 have more steps than there are knots, so the error is said."""
    reading = read_code(TIMM_EFFICIENTNET, {"updates_per_epoch": 10})
    assert any("largest error" in str(notice.sentence) for notice in reading.notices)
    t = np.arange(5, 450)
    theirs = 0.048 * 0.97 ** np.floor(t / 2.4)
    assert np.abs(reading.schedule(10.0 * t) - theirs).max() <= 0.03 * 0.048


def test_what_stands_in_for_a_warm_up_is_shorter_than_what_stands_in_for_the_plan():
    plan = read_code(DEEPSPEED_AUTO).schedule.plan
    assert 0 < plan.warmup < plan.updates


def test_keys_that_another_file_may_set_are_said():
    assert (
        "The file that _BASE_ names is not known; for its keys the library's defaults were taken."
        in notices(DETECTRON2).values()
    )


@pytest.mark.parametrize(
    "text",
    [
        "model:\n  layers: 4\ntrainer:\n  devices: 8\n",
        '{"model": {"layers": 4}, "fp16": {"enabled": true}}',
        "[model]\nlayers = 4\n\n[data]\nname = 'x'\n",
        "python train.py --lr 0.1 --layers 4",
    ],
)
def test_a_configuration_without_a_scheduler_is_said_to_have_none(text):
    assert [str(notice.sentence) for notice in read_code(text).notices] == ["No schedule was found in the text."]


@pytest.mark.parametrize("text", ["def f(:\n    return 1\n", "what is this (: and that", "((("])
def test_what_is_neither_code_nor_a_configuration_is_said(text):
    said = "The text is neither Python nor a configuration that can be read."
    assert said in [str(notice.sentence) for notice in read_code(text).notices]


COMPOSER_TOKENS = """\
max_duration: 2048000tok
global_train_batch_size: 16
device_train_microbatch_size: 4
max_seq_len: 128
scheduler: {name: cosine_with_warmup, t_warmup: 1600sp, alpha_f: 0.1}
optimizer: {name: decoupled_adamw, lr: 2.0e-4}
"""


def test_times_of_composer_in_tokens_and_samples_are_batches_of_all_devices():
    reading = read_code(COMPOSER_TOKENS)
    assert not reading.missing
    assert reading.schedule.total_steps == 1_000
    np.testing.assert_allclose(reading.schedule([50, 100, 550]), [1e-4, 2e-4, 1.1e-4])
    assert reading.units.batch == 16


def test_times_in_samples_that_are_no_integer_of_batches_are_rounded_and_said():
    assert "t_warmup is 100 batches, rounded down." in notices(COMPOSER_TOKENS.replace("1600sp", "1601sp")).values()


def test_a_batch_and_a_length_that_no_text_has_are_asked_for():
    text = COMPOSER_TOKENS.replace("global_train_batch_size: 16\n", "").replace("max_seq_len: 128\n", "")
    assert {each.name for each in read_code(text).missing} == {"global_train_batch_size", "max_seq_len"}
