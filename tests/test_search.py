"""The search, tried with words and lines as people type and paste them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from schedules.catalogue import cards, find, topics
from schedules.core.matching import Beginnings, Corrections, one_error, parts
from schedules.topics import SYMPTOMS, TOPICS

REPORTED = (
    ("CosineAnnealingLR(optimizer, T_max=50)", "cosine"),
    ("CosineAnnealingLR(optimizer, T_max=80)", "cosine"),
    ("CosineAnnealingLR(optimizer, T_max=epochs)", "cosine"),
    ("CosineAnnealingLR(optimizer, T_max=80, eta_min=0)", "cosine"),
    ("OneCycleLR(optimizer, max_lr=0.01, total_steps=1000)", "one_cycle"),
    ("lrf", "linear|ultralytics"),
    ("mode='max'", "plateau"),
    ("LearningRateScheduler", "knots"),
    ("drop learning rate at epochs 60 and 80", "multi_factor"),
    ("Tried to step 1002 times. The specified number of total steps is 1000", "one_cycle"),
    ("learning rate is zero at first step", "warmup"),
    ("rate is 0 at the first step", "warmup"),
    ("WSM", "wsm"),
    ("muP", "mup"),
    ("warmup_epochs", "warmup"),
    ("lr_num_cycles", "warm_restarts"),
    ("cosine_min_lr_ratio", "cosine"),
    ("lr_warmup_steps", "warmup"),
    ("warmdown", "cooldown"),
    ("cos_lr", "cosine"),
    ("lr0", "plan"),
    ("warmup_num_steps", "warmup"),
    ("LinearWarmupCosineAnnealingLR", "cosine"),
    ("minimum learning rate", "cosine"),
    ("gradient accumulation", "accumulation"),
    ("schedule-free", "schedule_free"),
    ("Muon", "muon"),
    ("Prodigy", "prodigy"),
    ("rises again at the end", "plan"),
    ("never drops", "multi_factor"),
    ("MultiStepScheduler", "multi_factor"),
    ("ConstantScheduler", "constant"),
    ("SchedCos", "cosine"),
    ("SchedPoly", "polynomial"),
    ("CosineParamScheduler", "cosine"),
    ("TriStageLRSchedule", "cooldown"),
    ("PolynomialDecayAnnealing", "polynomial"),
    ("MultiStepStateScheduler", "multi_factor"),
    ("CosineAnnealingWithWarmupScheduler", "cosine"),
    ("LinearWithWarmupScheduler", "linear"),
    ("ConstantWithWarmupScheduler", "warmup"),
    ("PolynomialWithWarmupScheduler", "polynomial"),
    ("MultiStepWithWarmupScheduler", "multi_factor"),
    ("SquareRootAnnealing", "polynomial"),
    ("NoamHoldAnnealing", "inverse_time"),
    ("D-Adaptation", "d_adaptation"),
    ("batch-size ramp", "batch_ramp"),
    ("weight averaging", "averaging"),
    ("resume", "resume"),
    ("parameter groups", "parameter_groups"),
    ("SWA", "averaging"),
    ("EMA", "averaging"),
    ("nanoGPT", "cosine"),
    ("nanochat", "cooldown|nanochat"),
    ("YOLO", "linear|ultralytics"),
    ("DeepSpeed", "cosine"),
    ("torchtitan", "cooldown|torchtitan"),
    ("PPO", "linear|ppo"),
    ("Llama 3", "llama|llama3"),
)
"""Words that led nowhere or to a wrong card, with the card that must be first, or several of which one is."""

TYPED = (
    ("scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)", "step"),
    ("lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)", "step"),
    ("torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[30, 80], gamma=0.1)", "multi_factor"),
    ("MultiStepLR(optimizer, [60, 120, 160], gamma=0.2)", "multi_factor"),
    ("scheduler = ExponentialLR(optimizer, gamma=0.9)", "factor"),
    ("scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=10, T_mult=2)", "warm_restarts"),
    ("CosineAnnealingWarmRestarts(optimizer, T_0=10, T_mult=1, eta_min=0.001, last_epoch=-1)", "warm_restarts"),
    ("scheduler = ReduceLROnPlateau(optimizer, 'min')", "plateau"),
    ("ReduceLROnPlateau(optimizer, mode='max', factor=0.5, patience=5, verbose=True)", "plateau"),
    ("torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.01, max_lr=0.1)", "cyclic"),
    ("CyclicLR(optimizer, base_lr=1e-4, max_lr=1e-2, step_size_up=2000, mode='triangular2')", "cyclic"),
    ("OneCycleLR(optimizer, max_lr=0.1, steps_per_epoch=len(train_loader), epochs=10)", "one_cycle"),
    ("lr_scheduler.OneCycleLR(opt, max_lr=3e-3, total_steps=max_iters, pct_start=0.3, anneal_strategy='cos')", "one_cycle"),
    ("LinearLR(optimizer, start_factor=0.5, total_iters=4)", "linear"),
    ("PolynomialLR(optimizer, total_iters=100, power=0.9)", "polynomial"),
    ("ConstantLR(optimizer, factor=0.5, total_iters=4)", "warmup"),
    ("LambdaLR(optimizer, lr_lambda=lambda e: 0.95 ** e)", "knots"),
    ("MultiplicativeLR(optimizer, lr_lambda=lmbda)", "factor"),
    ("SequentialLR(optimizer, schedulers=[s1, s2], milestones=[20])", "warmup"),
    ("SWALR(swa_model, anneal_strategy='linear', anneal_epochs=5, swa_lr=0.05)", "cosine"),
    ("ChainedScheduler([s1, s2], optimizer=optimizer)", "cooldown"),
    (
        "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=num_epochs * len(loader), eta_min=1e-6)",
        "cosine",
    ),
    ("sched = CosineAnnealingLR(opt, total_steps)", "cosine"),
    ('lr_scheduler_type="cosine"', "hf_cosine"),
    ("lr_scheduler_type: cosine_with_restarts", "hf_restarts"),
    ("lr_scheduler_type: linear", "bert"),
    ("--lr_scheduler_type constant_with_warmup", "warmup"),
    ("--lr_scheduler_type=polynomial", "hf_polynomial"),
    ('lr_scheduler_type="warmup_stable_decay"', "cooldown"),
    ("lr_scheduler_type='reduce_lr_on_plateau'", "plateau"),
    ("lr_scheduler_type=SchedulerType.COSINE", "hf_cosine"),
    ('"lr_scheduler_type": "inverse_sqrt",', "hf_inverse_sqrt"),
    (
        'TrainingArguments(output_dir="out", learning_rate=2e-5, lr_scheduler_type="linear", warmup_steps=500)',
        "bert",
    ),
    ("TrainingArguments(learning_rate=5e-5, warmup_ratio=0.1)", "bert"),
    ('args = SFTConfig(learning_rate=2e-4, lr_scheduler_type="cosine", warmup_ratio=0.03, max_steps=1000)', "hf_cosine"),
    ('DPOConfig(learning_rate=5e-7, lr_scheduler_type="cosine", warmup_ratio=0.1)', "hf_cosine"),
    ("get_linear_schedule_with_warmup(optimizer, num_warmup_steps=0, num_training_steps=len(dl) * epochs)", "bert"),
    ("get_cosine_schedule_with_warmup(optimizer, 100, 1000)", "hf_cosine"),
    ("get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, 100, 1000, num_cycles=3)", "hf_restarts"),
    ("get_constant_schedule_with_warmup(optimizer, num_warmup_steps=100)", "warmup"),
    ("get_polynomial_decay_schedule_with_warmup(optimizer, 0, 1000, lr_end=1e-7, power=2)", "hf_polynomial"),
    ("get_inverse_sqrt_schedule(optimizer, num_warmup_steps=4000)", "hf_inverse_sqrt"),
    ("get_wsd_schedule(optimizer, num_warmup_steps=100, num_stable_steps=800, num_decay_steps=100)", "cooldown"),
    ('lr_scheduler = get_scheduler("linear", optimizer=optimizer, num_warmup_steps=0, num_training_steps=1000)', "bert"),
    (
        'get_scheduler(name="cosine", optimizer=optimizer, num_warmup_steps=0, num_training_steps=num_training_steps)',
        "hf_cosine",
    ),
    ('lr_scheduler_kwargs={"min_lr": 1e-6}', "cosine"),
    ('--lr_scheduler="cosine" --lr_warmup_steps=500 --max_train_steps=15000', "hf_cosine"),
    ('--lr_scheduler="constant" --lr_warmup_steps=0', "constant"),
    ("--lr_scheduler cosine_with_restarts --lr_num_cycles 3", "hf_restarts"),
    ('--lr_scheduler="polynomial" --lr_power=2', "hf_polynomial"),
    ("lr_scheduler: cosine\ncosine_min_lr_ratio: 0.1", "hf_cosine"),
    ("num_warmup_steps=100", "warmup"),
    ("warmup_steps: 100", "warmup"),
    ("num_train_epochs=3", "plan"),
    ("gradient_accumulation_steps=8", "accumulation"),
    ("resume_from_checkpoint=True", "resume"),
    ("yolo train data=coco8.yaml model=yolo11n.pt epochs=100 lr0=0.01 cos_lr=True", "cosine"),
    ("yolo detect train data=coco8.yaml epochs=100 lr0=0.01 lrf=0.01", "linear|ultralytics"),
    ("model.train(data='coco8.yaml', epochs=100, lr0=0.01, lrf=0.001, cos_lr=True)", "cosine"),
    ("lrf: 0.01", "linear|ultralytics"),
    ("lr0: 0.01", "plan"),
    ("warmup_epochs: 3.0", "warmup"),
    ("warmup_bias_lr: 0.1", "parameter_groups"),
    ("cos_lr: False", "linear|ultralytics"),
    ("nbs: 64", "accumulation"),
    ("cos_lr=True", "cosine"),
    (
        '"scheduler": {"type": "WarmupLR", "params": {"warmup_min_lr": 0, "warmup_max_lr": 3e-5, "warmup_num_steps": 500}}',
        "warmup",
    ),
    ('"scheduler": {"type": "WarmupDecayLR", "params": {"total_num_steps": 10000, "warmup_num_steps": 500}}', "linear"),
    ('"type": "WarmupCosineLR", "params": {"total_num_steps": 1000, "cos_min_ratio": 0.01}', "cosine"),
    ('"type": "OneCycle", "params": {"cycle_first_step_size": 1000, "cycle_max_lr": 0.1}', "one_cycle"),
    ('"type": "LRRangeTest", "params": {"lr_range_test_min_lr": 0.0001}', "range_test"),
    ("WarmupDecayLR", "linear"),
    ("WarmupLR", "warmup"),
    ("warmup_max_lr", "warmup"),
    ("cos_min_ratio", "cosine"),
    ("total_num_steps", "plan"),
    ("cycle_first_step_size", "one_cycle"),
    ("python -m scripts.base_train --depth=20 --warmup-steps=40 --warmdown-ratio=0.65 --final-lr-frac=0.05", "cooldown"),
    ("--warmdown-ratio 0.5", "cooldown"),
    ("warmdown_ratio = 0.65", "cooldown"),
    ("final_lr_frac", "cooldown"),
    ("matrix_lr", "parameter_groups"),
    ("--embedding-lr=0.3", "parameter_groups"),
    ("decay_lr = True", "cosine"),
    ("lr_decay_iters = 600000", "plan"),
    ("warmup_iters = 2000", "warmup"),
    ("decay_ratio = 0.1", "cooldown"),
    ('decay_type = "linear"', "cooldown"),
    ("min_lr_factor", "cooldown"),
    ("LRSchedulersContainer", "cooldown"),
    ("--lr-decay-style cosine --lr-warmup-fraction .01 --min-lr 1.0e-5", "cosine"),
    ("--lr-decay-style WSD --lr-wsd-decay-style minus_sqrt --lr-wsd-decay-iters 1000", "cooldown"),
    ("--lr-decay-style inverse-square-root", "square_root"),
    ("--lr-decay-style linear", "linear"),
    ("--lr-decay-style constant", "constant"),
    ("--lr-warmup-iters 2000", "warmup"),
    ("lr_warmup_fraction", "warmup"),
    ("lr-decay-iters", "plan"),
    ("--lr-wsd-decay-iters 500", "cooldown"),
    ("--rampup-batch-size 16 16 5859375", "batch_ramp"),
    ("OptimizerParamScheduler", "linear"),
    ("sched:\n  name: CosineAnnealing\n  warmup_steps: 500\n  min_lr: 1e-6", "cosine"),
    ("name: NoamAnnealing\n  d_model: 512\n  warmup_steps: 10000", "noam"),
    ("InverseSquareRootAnnealing", "square_root"),
    ("WarmupHoldPolicy", "warmup"),
    ("WarmupAnnealing", "linear"),
    ("SquareAnnealing", "polynomial"),
    ("WarmupHoldAnnealLinear", "cooldown"),
    ("PolynomialHoldDecayAnnealing", "polynomial"),
    ("hold_ratio", "cooldown"),
    ("--lr-scheduler inverse_sqrt --warmup-updates 4000 --warmup-init-lr 1e-07", "square_root"),
    ("--lr-scheduler polynomial_decay --total-num-update 20000 --warmup-updates 500", "polynomial"),
    ("--lr-scheduler tri_stage --phase-ratio 0.1,0.4,0.5", "cooldown"),
    ("--lr-scheduler reduce_lr_on_plateau --lr-shrink 0.5", "plateau"),
    ("--lr-scheduler triangular", "cyclic"),
    ("--warmup-updates 4000", "warmup"),
    ("phase_ratio", "cooldown"),
    ("total_num_update", "plan"),
    ("dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500)", "linear"),
    ("dict(type='MultiStepLR', begin=0, end=12, by_epoch=True, milestones=[8, 11], gamma=0.1)", "multi_factor"),
    ("dict(type='CosineAnnealingLR', T_max=95, eta_min=1e-6, begin=5, end=100)", "cosine"),
    ("dict(type='PolyLR', eta_min=1e-4, power=0.9, begin=0, end=160000, by_epoch=False)", "polynomial"),
    ("CosineRestartLR", "warm_restarts"),
    ("ReduceOnPlateauLR", "plateau"),
    ("eta_min_ratio", "cosine"),
    ('_C.SOLVER.LR_SCHEDULER_NAME = "WarmupMultiStepLR"', "multi_factor"),
    ("WarmupMultiStepLR(optimizer, milestones=[30, 60], gamma=0.1, warmup_factor=0.01, warmup_iters=500)", "multi_factor"),
    ("warmup_factor", "warmup"),
    ("WarmupCosineLR", "cosine"),
    ("WarmupParamScheduler", "warmup"),
    ("MultiStepParamScheduler", "multi_factor"),
    ("LinearParamScheduler", "linear"),
    ("StepWithFixedGammaParamScheduler", "step"),
    ("CompositeParamScheduler", "knots"),
    (
        "create_lr_scheduler_with_warmup(torch_lr_scheduler, warmup_start_value=0.0, warmup_end_value=0.1, warmup_duration=3)",
        "warmup",
    ),
    ("PiecewiseLinear(optimizer, 'lr', milestones_values=[(10, 0.5), (20, 0.45)])", "knots"),
    ("LinearCyclicalScheduler(optimizer, 'lr', 1e-3, 1e-1, len(loader))", "cyclic"),
    ("ExpStateScheduler", "factor"),
    ("StepStateScheduler", "step"),
    ("FastaiLRFinder", "range_test"),
    ("BatchSizeScheduler", "batch_ramp"),
    ("ParamGroupScheduler", "parameter_groups"),
    ("ConcatScheduler", "knots"),
    ("learn.fit_one_cycle(5, lr_max=3e-3)", "one_cycle"),
    ("learn.lr_find()", "range_test"),
    ("learn.fit_flat_cos(4, 1e-3)", "cooldown"),
    ("learn.fit_sgdr(3, 1)", "warm_restarts"),
    ("SchedLin", "linear"),
    ("SchedExp", "factor"),
    ("SchedNo", "constant"),
    ("combine_scheds([0.3, 0.7], [SchedCos(0.3, 0.6), SchedCos(0.6, 0.2)])", "knots"),
    ("combined_cos", "one_cycle"),
    ("CosineAnnealingWithWarmupScheduler(t_warmup='100ba', alpha_f=0.1)", "cosine"),
    ("LinearWithWarmupScheduler(t_warmup='10ba')", "linear"),
    ("t_warmup", "warmup"),
    ("CosineAnnealingWarmRestartsScheduler", "warm_restarts"),
    ("ExponentialScheduler", "factor"),
    ("paddle.optimizer.lr.NoamDecay(d_model=512, warmup_steps=4000)", "noam"),
    ("paddle.optimizer.lr.LinearWarmup(learning_rate=0.5, warmup_steps=20, start_lr=0, end_lr=0.5)", "warmup"),
    ("CosineAnnealingDecay(learning_rate=0.5, T_max=10)", "cosine"),
    ("MultiStepDecay", "multi_factor"),
    ("NaturalExpDecay", "factor"),
    ("PiecewiseDecay", "knots"),
    ("ReduceOnPlateau", "plateau"),
    ("StepDecay", "step"),
    ("tf.keras.optimizers.schedules.CosineDecay(0.1, decay_steps=1000, warmup_target=0.5, warmup_steps=100)", "cosine"),
    ("keras.optimizers.schedules.ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9)", "factor"),
    ("ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9, staircase=True)", "step"),
    ("PiecewiseConstantDecay(boundaries, values)", "knots"),
    ("InverseTimeDecay(0.1, 1.0, 0.5)", "inverse_time"),
    ("CosineDecayRestarts(0.1, first_decay_steps=1000)", "warm_restarts"),
    ("keras.callbacks.ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=5)", "plateau"),
    ("callbacks=[LearningRateScheduler(step_decay)]", "knots"),
    ("optax.warmup_cosine_decay_schedule(0.0, 1e-3, warmup_steps=100, decay_steps=1000)", "hf_cosine"),
    ("optax.cosine_decay_schedule(init_value=1e-3, decay_steps=1000)", "cosine"),
    ("optax.exponential_decay(init_value=1e-3, transition_steps=1000, decay_rate=0.9)", "factor"),
    ("optax.piecewise_constant_schedule(1e-3, {100: 0.1})", "multi_factor"),
    ("optax.cosine_onecycle_schedule(1000, 0.1)", "one_cycle"),
    ("optax.sgdr_schedule(cosine_kwargs)", "warm_restarts"),
    ("optax.linear_schedule(1e-3, 0, 1000)", "linear"),
    ("optax.polynomial_schedule(1e-3, 0, 2, 1000)", "polynomial"),
    ("optax.join_schedules([warmup_fn, cosine_fn], boundaries=[100])", "warmup"),
    ("CosineLRScheduler(optimizer, t_initial=300, lr_min=1e-6, warmup_t=5, warmup_lr_init=1e-6)", "cosine"),
    ("CosineLRScheduler(optimizer, t_initial=50, cycle_mul=2, cycle_decay=0.5, cycle_limit=3)", "warm_restarts"),
    ("--sched cosine --epochs 300 --warmup-epochs 5", "cosine"),
    ("--sched step --decay-epochs 2.4 --decay-rate .97", "step"),
    ("--sched plateau", "plateau"),
    ("--sched tanh", "tanh"),
    ("--sched multistep --decay-milestones 30 60", "multi_factor"),
    ("TanhLRScheduler(optimizer, t_initial=100)", "tanh"),
    ("decay_milestones", "multi_factor"),
    ("layer_decay", "parameter_groups"),
    ("get_linear_fn(1.0, 0.0, 0.5)", "linear"),
    ("PPO('MlpPolicy', env, learning_rate=linear_schedule(3e-4))", "linear|ppo"),
    ("def f(progress_remaining): return progress_remaining * 3e-4", "linear|ppo"),
    ("UntunedLinearWarmup(optimizer)", "warmup"),
    ("warmup.ExponentialWarmup(optimizer, warmup_period=200)", "warmup"),
    (
        "CosineAnnealingWarmupRestarts(optimizer, first_cycle_steps=200, max_lr=0.1, warmup_steps=50, gamma=1.0)",
        "warm_restarts",
    ),
    ("REXScheduler", "rex"),
    ("AcceleratedScheduler", "devices"),
    ("accelerator.prepare(scheduler, split_batches=True)", "devices"),
    ("cosine", "cosine"),
    ("cosine annealing", "cosine"),
    ("cosine decay", "cosine"),
    ("linear decay", "linear"),
    ("linear warmup", "warmup"),
    ("warm up", "warmup"),
    ("warm-up", "warmup"),
    ("warmup steps", "warmup"),
    ("what is warmup", "warmup"),
    ("cooldown", "cooldown"),
    ("cool down", "cooldown"),
    ("warmup stable decay", "cooldown"),
    ("one cycle", "one_cycle"),
    ("1cycle", "one_cycle"),
    ("super convergence", "super_convergence"),
    ("cyclical learning rates", "cyclic"),
    ("triangular", "cyclic"),
    ("sgdr", "warm_restarts"),
    ("warm restarts", "warm_restarts"),
    ("cosine with restarts", "hf_restarts"),
    ("step decay", "step"),
    ("multi step", "multi_factor"),
    ("milestones", "multi_factor"),
    ("exponential decay", "factor"),
    ("inverse square root", "square_root"),
    ("noam scheduler", "noam"),
    ("transformer learning rate", "noam"),
    ("polynomial decay", "polynomial"),
    ("constant learning rate", "constant"),
    ("plateau", "plateau"),
    ("reduce on plateau", "plateau"),
    ("lr finder", "range_test"),
    ("learning rate range test", "range_test"),
    ("find the best learning rate", "range_test"),
    ("piecewise constant", "multi_factor"),
    ("peak learning rate", "plan"),
    ("half life", "factor"),
    ("lr goes back up at the end", "plan"),
    ("learning rate starts at 0", "warmup"),
    ("my learning rate never changes", "multi_factor"),
    ("lr does not decrease", "multi_factor"),
    ("learning rate decays too fast", "plan"),
    ("learning rate jumps after resume", "resume"),
    ("loss becomes nan", "warmup"),
    ("loss explodes at the start", "warmup"),
    ("loss stopped improving", "plateau"),
    ("validation loss plateaus", "plateau"),
    ("halve the learning rate every 10 epochs", "step"),
    ("divide the learning rate by 10 at epoch 30", "multi_factor"),
    ("how to choose the initial learning rate", "range_test"),
    ("should I call scheduler.step() per epoch or per batch", "plan"),
    ("detected call of lr_scheduler.step() before optimizer.step()", "plan"),
    ("negative learning rate", "one_cycle"),
    ("train for an unknown number of steps", "cooldown"),
    ("learning rate is 0 in the first epoch", "warmup"),
    ("training diverges", "warmup"),
    ("schedulefree", "schedule_free"),
    ("AdamWScheduleFree(model.parameters(), lr=0.0025, warmup_steps=100)", "schedule_free"),
    ("dadaptation", "d_adaptation"),
    ("DAdaptAdam", "d_adaptation"),
    ("mu-P", "mup"),
    ("maximal update parametrization", "mup"),
    ("rampup_batch_size", "batch_ramp"),
    ("increase the batch size", "batch_ramp"),
    ("stochastic weight averaging", "averaging"),
    ("exponential moving average", "averaging"),
    ("checkpoint merging", "wsm"),
    ("grad_accum", "accumulation"),
    ("accumulate_grad_batches", "accumulation"),
    ("load_state_dict", "resume"),
    ("continue training", "resume"),
    ("layer-wise learning rate decay", "parameter_groups"),
    ("param_groups", "parameter_groups"),
    ("discriminative learning rates", "parameter_groups"),
    ("weight decay", "weight_decay"),
    ("momentum", "momentum"),
    ("gradient clipping", "clipping"),
    ("early stopping", "early_stopping"),
    ("Adam", "adaptive"),
    ("multi-GPU", "devices"),
    ("optimizer = Muon(params, lr=0.02, momentum=0.95)", "muon"),
    ("prodigyopt", "prodigy"),
    ("cosin", "cosine"),
    ("consine", "cosine"),
    ("CosineAnealingLR", "cosine"),
    ("CosineAnnealingRL(optimizer, T_max=50)", "cosine"),
    ("OneCyleLR", "one_cycle"),
    ("OneCyleLR(optimizer, max_lr=0.1, total_steps=100)", "one_cycle"),
    ("warmpu", "warmup"),
    ("polynomal", "polynomial"),
    ("plateu", "plateau"),
    ("ReduceLROnPlateu", "plateau"),
    ("cyclik", "cyclic"),
    ("exponental", "factor"),
    ("trapezoidl", "cooldown"),
    ("MutiStepLR(optimizer, [30, 60])", "multi_factor"),
    ("cosine anealing", "cosine"),
    ("get_cosine_schedule_wiht_warmup", "hf_cosine"),
    ("schedulefre", "schedule_free"),
    ("mometum", "momentum"),
)
"""Other words and lines, with the card that must be first, or several of which one is."""

SCRIPTS = (
    (
        """\
from transformers import TrainingArguments, Trainer, AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
training_args = TrainingArguments(
    output_dir="./results", learning_rate=2e-5, per_device_train_batch_size=16, per_device_eval_batch_size=16,
    num_train_epochs=3, weight_decay=0.01, warmup_ratio=0.1, lr_scheduler_type="cosine", gradient_accumulation_steps=4)
trainer = Trainer(model=model, args=training_args, train_dataset=ds)""",
        "hf_cosine",
    ),
    (
        """\
training_args = TrainingArguments(output_dir="./results", learning_rate=2e-5, num_train_epochs=3, weight_decay=0.01,
    gradient_accumulation_steps=4)""",
        "bert",
    ),
    (
        """\
optimizer = AdamW(model.parameters(), lr=5e-5)
num_training_steps = num_epochs * len(train_dataloader)
lr_scheduler = get_scheduler(name="linear", optimizer=optimizer, num_warmup_steps=0, num_training_steps=num_training_steps)""",
        "bert",
    ),
    (
        """\
from ultralytics import YOLO
model = YOLO("yolo11n.pt")
results = model.train(data="coco8.yaml", epochs=100, imgsz=640, optimizer="SGD", lr0=0.01, lrf=0.01, momentum=0.937,
    weight_decay=0.0005, warmup_epochs=3.0, warmup_momentum=0.8, warmup_bias_lr=0.1)""",
        "linear|ultralytics",
    ),
    (
        """\
yolo detect train model=yolo11n.pt data=coco8.yaml epochs=100 imgsz=640 cos_lr=True lr0=0.001 lrf=0.01""",
        "cosine",
    ),
    (
        """\
{
  "train_batch_size": 8, "gradient_accumulation_steps": 1,
  "optimizer": {"type": "Adam", "params": {"lr": 0.00015}},
  "scheduler": {"type": "WarmupDecayLR", "params": {"warmup_min_lr": 0, "warmup_max_lr": 0.001, "warmup_num_steps":
    1000, "total_num_steps": 10000}},
  "fp16": {"enabled": true}
}""",
        "linear",
    ),
    (
        """\
"scheduler": {"type": "WarmupLR", "params": {"warmup_min_lr": "auto", "warmup_max_lr": "auto", "warmup_num_steps":
    "auto"}}, "zero_optimization": {"stage": 2}""",
        "warmup",
    ),
    (
        """\
def get_lr_multiplier(it):
    warmup_iters = args.warmup_steps
    warmdown_iters = round(args.warmdown_ratio * num_iterations)
    if it < warmup_iters:
        return (it + 1) / warmup_iters
    elif it <= num_iterations - warmdown_iters:
        return 1.0
    else:
        progress = (num_iterations - it) / warmdown_iters
        return progress * 1.0 + (1 - progress) * args.final_lr_frac""",
        "cooldown|nanochat",
    ),
    (
        """\
torchrun --standalone --nproc_per_node=8 -m scripts.base_train -- --depth=24 --device-batch-size=16
    --warmdown-ratio=0.65 --final-lr-frac=0.05 --run=speedrun""",
        "cooldown|nanochat",
    ),
    (
        """\
learning_rate = 6e-4 # max learning rate
max_iters = 600000 # total number of training iterations
weight_decay = 1e-1
decay_lr = True # whether to decay the learning rate
warmup_iters = 2000 # how many steps to warm up for
lr_decay_iters = 600000 # should be ~= max_iters per Chinchilla
min_lr = 6e-5""",
        "cosine",
    ),
    (
        """\
def get_lr(it):
    if it < warmup_iters:
        return learning_rate * (it + 1) / (warmup_iters + 1)
    if it > lr_decay_iters:
        return min_lr
    decay_ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    coeff = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
    return min_lr + coeff * (learning_rate - min_lr)""",
        "cosine",
    ),
    (
        """\
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
for epoch in range(200):
    train(...)
    scheduler.step()""",
        "cosine",
    ),
    (
        """\
warmup = LinearLR(optimizer, start_factor=0.01, total_iters=5)
cosine = CosineAnnealingLR(optimizer, T_max=95)
scheduler = SequentialLR(optimizer, [warmup, cosine], milestones=[5])""",
        "cosine",
    ),
    (
        """\
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', begin=0, end=12, by_epoch=True, milestones=[8, 11], gamma=0.1)]""",
        "multi_factor",
    ),
    (
        """\
micro_batch_size: 2
num_epochs: 4
optimizer: adamw_bnb_8bit
lr_scheduler: cosine
learning_rate: 0.0002
warmup_steps: 10""",
        "hf_cosine",
    ),
    (
        """\
lr_schedule = keras.optimizers.schedules.ExponentialDecay(initial_learning_rate=1e-2, decay_steps=10000, decay_rate=0.9)
optimizer = keras.optimizers.SGD(learning_rate=lr_schedule)""",
        "factor",
    ),
    (
        """\
[lr_scheduler]
warmup_steps = 200
decay_ratio = 0.8
decay_type = "linear"
min_lr_factor = 0.1""",
        "cooldown|torchtitan",
    ),
    (
        """\
optimizer = Muon(params, lr=0.02)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=1000)""",
        "cosine",
    ),
    (
        """\
schedule = optax.warmup_cosine_decay_schedule(init_value=0.0, peak_value=1e-3, warmup_steps=100, decay_steps=1000,
    end_value=1e-5)
tx = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule))""",
        "hf_cosine",
    ),
)
"""Parts of scripts and configurations as they are pasted, with the card that must be first."""

TRIED = (
    ("loss spikes after restart", "warm_restarts"),
    ("the loss jumps at every restart", "warm_restarts"),
    ("loss increases after warm restart", "warm_restarts"),
    ("loss spike after resume", "resume"),
    ("learning rate restarts from warmup after loading checkpoint", "resume"),
    ("learning rate drops to zero too early with 8 gpus", "devices"),
    ("lr scheduler with accelerate prepare steps too fast", "devices"),
    ("scheduler.step() in every micro batch", "accumulation"),
    ("gradient accumulation and scheduler", "accumulation"),
    ("my lr goes up again after half of training", "plan"),
    ("lr is stuck at 0", "plan"),
    ("learning rate 0 first epoch", "warmup"),
    ("how do I keep the learning rate constant for a while and then decay", "cooldown"),
    ("flat then anneal", "cooldown"),
    ("last 20% decay", "cooldown"),
    ("1-sqrt decay", "cooldown"),
    ("stable phase length", "cooldown"),
    ("annealing phase high quality data", "cooldown"),
    ("same schedule for longer training", "cooldown"),
    ("extend training beyond planned steps", "cooldown"),
    ("schedule without knowing total steps", "cooldown"),
    ("sawtooth learning rate", "warm_restarts"),
    ("triangle", "cyclic"),
    ("half cosine", "cosine"),
    ("cosine decay to 10% of peak", "cosine"),
    ("gpt-2 learning rate schedule", "cosine"),
    ("polynomial decay power 0.9", "polynomial"),
    ("halve lr every 10 epochs", "step"),
    ("lr 10x lower at epoch 30 and 60", "multi_factor"),
    ("decay lr when validation accuracy stops improving", "plateau"),
    ("ReduceLROnPlateau(optimizer, mode='max', factor=0.1, patience=10)", "plateau"),
    ("inverse square root with warmup", "hf_inverse_sqrt"),
    ("learning rate finder", "range_test"),
    ("auto_lr_find=True", "range_test"),
    ("how to set learning rate for LoRA", "sd_lora"),
    ("learning rate for DPO", "dpo"),
    ("vit finetune lr", "vit_finetuning"),
    ("whisper fine tuning lr", "whisper"),
    ("batch size doubled, what about lr", "imagenet_hour"),
    ("rewarm learning rate forgetting", "rewarming"),
    ("continue pretraining learning rate", "rewarming"),
    ("checkpoint averaging instead of decay", "averaging"),
    ("llama 65B", "llama"),
    ("warmup too short diverges", "warmup"),
    ("loss goes to nan after warmup", "warmup"),
    ("training unstable at start", "warmup"),
    ("loss oscillates at the end", "cooldown"),
    ("loss does not go down any more", "plateau"),
    ("cycle_momentum=True", "momentum"),
    ("noise in learning rate", "rate_noise"),
    ("layer wise lr decay", "parameter_groups"),
    ("different lr for head and backbone", "parameter_groups"),
    ("exponential decay rate 0.95 per epoch", "factor"),
    ("epoch vs iteration based scheduler", "plan"),
    ("learning rate decays per step but I wanted per epoch", "plan"),
    ("decay to zero", "linear_to_zero"),
    ("polyak step size", "polyak"),
    ("ResNet50 imagenet schedule", "imagenet_step"),
    ("lr_config = dict(policy='step', warmup='linear', warmup_iters=500, step=[8, 11])", "multi_factor"),
    ('model = YOLO("yolov8n.pt"); model.train(data="coco8.yaml", epochs=100, lr0=0.01, lrf=0.01)', "ultralytics"),
    ("lr0: 0.01  # initial rate (SGD=1E-2, Adam=1E-3)\nlrf: 0.01  # final OneCycleLR rate\nwarmup_epochs: 3.0", "ultralytics"),
    ('{"scheduler": {"type": "WarmupDecayLR", "params": {"warmup_num_steps": 500, "total_num_steps": 10000}}}', "linear"),
    ("torchrun -m scripts.base_train -- --depth=20 --warmdown-ratio=0.65 --final-lr-frac=0.05", "cooldown|nanochat"),
)
"""Words and lines that a new user tried, with the card that must be first, or several of which one is."""

READ_BY_KIND = (
    ("scheduler = WarmupLinearSchedule(optimizer, warmup_steps=args.warmup_steps, t_total=t_total)", "linear|bert"),
    ("BertAdam(params, lr=5e-5, warmup=0.1, t_total=1000)", "bert|linear|warmup"),
    ("WarmupCosineSchedule(optimizer, warmup_steps=500, t_total=10000)", "cosine|hf_cosine"),
    ("WarmupCosineWithHardRestartsSchedule", "warm_restarts|hf_restarts"),
    ("Seq2SeqTrainingArguments(learning_rate=1e-5, warmup_steps=500, max_steps=4000)", "whisper|bert|linear"),
    ("AdafactorSchedule(optimizer)", "power_law"),
    ("one_cycle(1, hyp['lrf'], epochs)", "cosine"),
    ("lambda x: (1 - x / epochs) * (1.0 - hyp['lrf']) + hyp['lrf']", "linear|ultralytics"),
    ("self.lf = lambda x: max(1 - x / self.epochs, 0) * (1.0 - self.args.lrf) + self.args.lrf  # linear", "linear|ultralytics"),
    ("lambda x: ((1 - math.cos(x * math.pi / steps)) / 2) * (y2 - y1) + y1", "cosine"),
    ("policy=steps\nsteps=400000,450000\nscales=.1,.1", "multi_factor"),
    ("get_lr_multiplier", "cooldown|nanochat"),
    ("get_muon_momentum(it)", "muon|momentum"),
    ("--warmdown_iters 1450 --warmup_iters 0", "cooldown"),
    ("AnnealingLR(optimizer, start_lr=args.lr, warmup_iter=warmup_iter, decay_style='linear', min_lr=args.min_lr)", "linear"),
    ("--use-checkpoint-opt_param-scheduler", "resume"),
    ("get_optimizer_param_scheduler(optimizer)", "linear|plan"),
    ("--decoupled-lr 1e-3", "parameter_groups"),
    ("--start-weight-decay 0.04 --end-weight-decay 0.4 --weight-decay-incr-style cosine", "weight_decay|other_values"),
    ("SOLVER.STEPS = (60000, 80000)", "multi_factor"),
    ("_C.SOLVER.GAMMA = 0.1\n_C.SOLVER.STEPS = (30000,)", "multi_factor"),
    ("SOLVER:\n  BASE_LR: 0.02\n  STEPS: (60000, 80000)\n  MAX_ITER: 90000", "multi_factor"),
    ("LRMultiplier(optimizer, multiplier, max_iter)", "multi_factor|knots"),
    ("LR_SCHEDULER_NAME: WarmupPolyLR\nPOLY_LR_POWER: 0.9", "polynomial"),
    ("learn.fine_tune(5)", "one_cycle|one_cycle_fastai"),
    ("flat cosine annealing", "cooldown"),
    ("dict(type='QuadraticWarmupLR', by_epoch=True, begin=0, end=5, convert_to_iter_based=True)", "warmup"),
    ("dict(type='CosineAnnealingMomentum', eta_min=0.85, T_max=100)", "momentum"),
    ("FlatCosineAnnealing", "cooldown"),
    ("CosineAnnealingParamScheduler", "cosine"),
    ("PolyParamScheduler", "polynomial"),
    ("auto_scale_lr = dict(enable=True, base_batch_size=16)", "imagenet_hour"),
    ("LinearMomentum", "momentum"),
    ("FloatSchedule", "constant|linear"),
    ("get_schedule_fn(3e-4)", "constant|linear"),
    ("learning_rate: lin_3e-4", "linear|ppo"),
    ("frac = 1.0 - (update - 1.0) / num_updates\nlrnow = frac * args.learning_rate", "linear|ppo"),
    ("tf.train.noisy_linear_cosine_decay(0.1, global_step, 1000)", "linear_cosine"),
    ("tfa.optimizers.CyclicalLearningRate(1e-4, 1e-2, 2000)", "cyclic"),
    ("tfa.optimizers.Triangular2CyclicalLearningRate", "cyclic"),
    ("optax.MultiSteps(opt, every_k_schedule=4)", "accumulation"),
    (
        "optax.join_schedules([optax.linear_schedule(0, 1e-3, 100), optax.cosine_decay_schedule(1e-3, 900)], [100])",
        "warmup|cosine",
    ),
    (
        "GradualWarmupScheduler(optimizer, multiplier=8, total_epoch=5, after_scheduler=scheduler_cosine)",
        "warmup|gradual_warmup|cosine",
    ),
    ("GradualWarmupScheduler", "warmup|gradual_warmup"),
    (
        "NoamOpt(model.src_embed[0].d_model, 1, 2000, torch.optim.Adam(model.parameters(), lr=0, betas=(0.9, 0.98)))",
        "noam|transformer",
    ),
    ("NoamOpt", "noam|transformer"),
    ("ScheduledOptim(Adam(params), lr_mul, d_model, n_warmup_steps)", "noam"),
    ("InverseSqrtScheduler", "square_root|hf_inverse_sqrt"),
    ("WarmupCosineScheduler(optimizer, warmup_ratio, max_steps)", "cosine|hf_cosine"),
    ("CosineWarmupScheduler(optimizer, warmup=100, max_iters=2000)", "cosine|hf_cosine"),
    ("LinearWarmUpScheduler(base_lr=0.01, wp_iter=500)", "warmup"),
    ("CosineLRWithWarmup", "cosine|hf_cosine"),
    ("lr = args.lr * (0.1 ** (epoch // 30))", "step"),
    ("lr *= 0.5 * (1. + math.cos(math.pi * epoch / args.epochs))", "cosine"),
    ("RAdamWarmup", "warmup"),
    ("QuadraticWarmupLR", "warmup"),
    ("QuadraticWarmupParamScheduler", "warmup"),
    ("ProportionScheduler", "other_values"),
    ("LRMultiplier", "multi_factor|knots"),
    ("WarmupExpLR", "factor"),
    ("WarmupStepLR", "step"),
    ("get_polynomial_lr_scheduler", "polynomial"),
    ("build_wsd_scheduler(optimizer, warmup, stable, decay)", "cooldown"),
    ("TrapezoidalLR", "cooldown"),
    ("create_cosine_lr(base_lr=1e-3)", "cosine"),
    ("lr_scheduler: log_sweep", "range_test"),
    ("--lr_scheduler_num_cycles=3", "warm_restarts"),
    ("learning_rate_scheduler: COSINE_WITH_HARD_RESTARTS", "warm_restarts|hf_restarts"),
    ("scheduler:\n  name: cosine_with_warmup\n  t_warmup: 100ba\n  alpha_f: 0.1", "cosine|hf_cosine"),
    ("scheduler:\n  name: inv_sqrt_with_warmup\n  t_scale: 500ba", "square_root|hf_inverse_sqrt"),
    ("learning_rate='invscaling', power_t=0.5", "power_law|square_root"),
    ('lr_policy: "step"\nstepsize: 20000\ngamma: 0.1', "step"),
    ("anealing", "cosine"),
    ("noma", "noam"),
    ("inverse sqaure root", "square_root|hf_inverse_sqrt"),
    ("the lr becomes nan", "warmup"),
    ("my learning rate is always the same", "multi_factor"),
    ("sqrt scaling rule", "lamb|imagenet_hour"),
    ("Learning Rate is not being updated by the Scheduler", "multi_factor"),
    ("scheduler not stepping", "multi_factor"),
    ("the learning rate remains fixed at a default value", "multi_factor"),
    ("lr stuck at initial value", "multi_factor"),
    ("what learning rate for batch size 4096", "imagenet_hour"),
    ("learning rate never goes down", "multi_factor"),
    ("lr increases instead of decreasing", "plan|cosine|warmup"),
    ("Chinchilla", "plan|cosine|chinchilla"),
    ("scheduler=dict(type='CosineAnnealingLRGroup', min_lr_ratio=0.2, warmup_ratio=0., warmup='linear')", "cosine"),
    ("create_warmup_cosine_schedule(learning_rate, warmup_epochs, num_epochs, steps_per_epoch)", "cosine|hf_cosine"),
    ("make_warmup_const_schedule(base_lr, warmup_epochs)", "warmup|constant"),
    ("factor = pow((1 - 1.0 * T / self.N), 0.9)", "polynomial"),
    ("return [base_lr * (1 - self.last_epoch/self.max_iter) ** self.power for base_lr in self.base_lrs]", "polynomial"),
    ("wsd_decay_ratio", "cooldown"),
    ("TrapezoidalScheduler", "cooldown"),
    ("ExponentialWarmupScheduler", "warmup"),
    ("LinearWarmupExponentialDecay", "factor"),
    ("LinearWarmupPolynomialDecay", "polynomial"),
    ("LinearWarmupCosineDecay", "cosine"),
    ("InverseSquareRootLR", "square_root"),
    ("cosine_lr(optimizer, args.lr, args.warmup, total_steps)", "cosine"),
    ("const_lr_cooldown(optimizer, lr, warmup, total_steps, cooldown_steps)", "cooldown"),
    ("t_total", "plan|linear|bert"),
    ("step ** (-0.5) , step * warmup ** (-1.5)", "noam|transformer"),
    ("triangular_lr(step, stepsize)", "cyclic"),
    ("OneCycleScheduler(opt, 0.1)", "one_cycle"),
    ("my lr is 1e-7 after one epoch", "plan"),
    ("HF trainer default scheduler", "bert|linear"),
    ("PolynomialDecayScheduler", "polynomial"),
    ("LinearLRScheduler", "linear"),
    ("InverseSquareRootSchedular", "square_root"),
    ("WarmupLinearLR", "linear|warmup"),
    ("REXLR", "rex"),
    ("RexLR", "rex"),
    ("WSDScheduler", "cooldown"),
    ("CosineDecayLR", "cosine"),
    ("HyperbolicLRScheduler", "hyperbolic"),
    ("ReduceLROnPlateauWithWarmup", "plateau"),
    ("CyclicCosineDecayLR", "warm_restarts|cosine|cyclic"),
    ("FlatThenCosineLR", "cooldown|cosine"),
    ("SqrtLR", "square_root"),
    ("get_cosine_scheduler", "cosine|hf_cosine"),
    ("get_linear_warmup_scheduler", "warmup|linear|bert"),
    ("LinearDecayLR", "linear"),
    ("lr_lambda = lambda epoch: 0.65 ** epoch", "factor"),
    ("lr = base_lr * (1 - iter / max_iter) ** 0.9", "polynomial"),
    ("lr = args.lr * math.sqrt(warmup / max(step, warmup))", "square_root|noam|warmup"),
    ("lr = init_lr / (1 + decay * epoch)", "inverse_time"),
    ("lr = init_lr * math.exp(-0.1 * epoch)", "factor"),
    ("lr = init_lr * drop ** np.floor((1 + epoch) / epochs_drop)", "step"),
    ("if epoch == 30 or epoch == 60:\n    lr *= 0.1", "multi_factor"),
    ("learn = cnn_learner(dls, resnet34)\nlearn.fine_tune(4, 3e-3)", "one_cycle"),
    ("constant then linear cooldown", "cooldown"),
    ("lr decays to minimum and stays", "cosine|plan"),
    ("my model does not converge", "plateau|range_test|warmup"),
    ("lr goes to zero halfway", "plan|devices"),
    ("set learning rate per layer", "parameter_groups"),
    ("lr for batch size 1024", "imagenet_hour"),
    ("learning rate and batch size relation", "imagenet_hour|batch_ramp"),
    ("leslie smith", "cyclic|one_cycle|range_test|super_convergence"),
    ("bert warmup 10000 steps", "bert"),
    ("vit warmup", "vit"),
    ("LinearWarmupLR(optimizer, 100)", "warmup"),
    ("MyNoamScheduler(optimizer)", "noam"),
    ("get_exponential_decay_scheduler(opt)", "factor"),
    ("WarmupPolyLR", "polynomial"),
    ("WarmupConstantLR", "warmup|constant"),
    ("InverseTimeDecayLR", "inverse_time"),
    ("StepDecayScheduler", "step"),
    ("MultiStepWarmupLR", "multi_factor"),
    ("PiecewiseConstantLR", "multi_factor|knots"),
    ("CosineAnnealingRestartLR", "warm_restarts"),
    ("TriangularCyclicLR", "cyclic"),
    ("LRRangeTestScheduler", "range_test"),
    ("WarmRestartScheduler", "warm_restarts"),
    ("build_cosine_schedule(cfg)", "cosine"),
    ("make_onecycle(opt)", "one_cycle"),
    ("--lr_scheduler_type wsd", "cooldown"),
    ("schedule: cosine", "cosine|hf_cosine"),
    ("lr = 0.1 if epoch < 30 else 0.01", "multi_factor"),
    ("lambda e: 0.1 ** (e // 30)", "step"),
    ("lambda step: (step + 1) ** -0.5", "square_root"),
    ("cycle", "cyclic|warm_restarts|one_cycle"),
    ("loss exploded after 100 steps", "warmup"),
    ("gradient explodes", "warmup|clipping"),
    ("lr keeps increasing", "plan|cyclic|range_test|warmup|cosine|one_cycle"),
    ("lr goes negative", "one_cycle"),
    ("loss stuck at 0.69", "plateau"),
    ("wrong lr after loading checkpoint", "resume"),
    ("different lr on 8 gpus", "devices|imagenet_hour|parameter_groups"),
    ("CosineWarmupLR(optimizer, warmup_steps=100)", "cosine|hf_cosine"),
    ("trl DPOTrainer learning rate", "dpo|dpo_tulu"),
    ("SchedCosine", "cosine"),
    ("SB3 learning rate schedule", "ppo|linear"),
    ("optax cosine onecycle", "one_cycle|one_cycle_optax"),
    ("optax linear onecycle", "one_cycle|one_cycle_optax"),
    ("my lr never goes down", "multi_factor"),
    ("model diverges with high lr", "warmup|range_test"),
)
"""Names that no library has, expressions, typing errors and complaints, of each kind some; the card that must be first."""

SPREAD = (
    (
        'optimizer = AdamW(model.parameters(), lr=5e-5)\nlr_scheduler = get_scheduler(\n    "linear",\n    optimizer=opt,\n)',
        "bert",
    ),
    ('get_scheduler(\n    "cosine",\n    optimizer=optimizer,\n    num_warmup_steps=0,\n)', "hf_cosine"),
    ('get_scheduler(\n    name="linear",\n    optimizer=optimizer,\n)', "bert"),
    ("get_scheduler(\n    optimizer=optimizer,\n    name=SchedulerType.COSINE,\n)", "hf_cosine"),
    ("get_scheduler(\n    # the type\n    'linear',\n    optimizer,\n)", "bert"),
    ('TrainingArguments(\n    lr_scheduler_type=\n        "cosine",\n)', "hf_cosine"),
    ("lr_scheduler:\n  type: cosine\n  warmup_steps: 10", "hf_cosine"),
    ("step 0 lr not zero", "warmup"),
    ("the first lr is not 0", "warmup"),
    ("decay every epoch instead of every step", "plan"),
    ("step 0 lr is zero", "warmup"),
    ("lr is 0 at step 5000", "plan"),
    ("scheduler does nothing", "multi_factor"),
    ("lr changes per epoch instead of step", "plan"),
    ("sft lr", "alpaca"),
    ("SAM optimizer", "other_values"),
    ("Qwen", "llama"),
    ("Qwen3 lr", "llama"),
    ("gpt-oss", "llama"),
    ("GLM-4.5", "cosine"),
    ("Swin Transformer", "cosine"),
    ("EfficientNet", "step"),
    ("nnU-Net", "polynomial"),
    ("GRPO", "dpo"),
    ("ORPO", "dpo"),
    ("WSO", "constant"),
    ("gpt", "cosine"),
    ("lr_scheduler_kwargs", "cosine"),
    ("print(scheduler.get_last_lr())", "plan"),
    ("scheduler = StepLR(opt, 30)\nprint(scheduler.get_last_lr())", "step"),
    ("PiecewiseSchedule", "knots"),
    ("MultiplicativeParamScheduler", "factor"),
    ("catastrophic forgetting lr", "rewarming"),
    ("optimizer = Lion(model.parameters(), lr=1e-4)", "other_optimizers"),
    ("optimizer = Lion(params)\nscheduler = CosineAnnealingLR(optimizer, T_max=100)", "cosine"),
    ('model.train(data="coco8.yaml", lr0=0.01, warmup_epochs=3)', "ultralytics"),
)
"""Calls over several lines, complaints, models and optimizers, with the card that must be first."""

NOTHING = (
    "my scheduler is broken",
    "why is my loss weird",
    "banana bread",
    "hello world",
    "foo bar baz",
    "xyzzy",
    "pizza dough",
    "qwertyuiop",
    "import numpy as np",
    "print('hello')",
    "football results",
    "tokenizer",
    "12345",
    "π",
    "weather in Paris",
    "optimizer.zero_grad()",
    "loss.backward()",
)


def slugs(text: str) -> list[str]:
    return [found.card.slug for found in find(text)]


@pytest.mark.parametrize(("text", "first"), [*REPORTED, *TYPED, *SCRIPTS, *TRIED, *READ_BY_KIND, *SPREAD])
def test_words_and_lines_find_the_right_card_first(text, first):
    assert slugs(text)[0] in first.split("|")


@pytest.mark.parametrize("text", NOTHING)
def test_other_words_find_nothing(text):
    assert slugs(text) == []


@pytest.mark.parametrize(
    "length", ["T_max", "total_steps", "max_iters", "num_training_steps", "epochs", "steps_per_epoch", "total_iters"]
)
@pytest.mark.parametrize(
    "call", ["CosineAnnealingLR", "OneCycleLR", "StepLR", "MultiStepLR", "ExponentialLR", "CyclicLR", "PolynomialLR"]
)
def test_a_length_never_outweighs_the_call(call, length):
    alone = slugs(f"{call}(optimizer)")[0]
    assert slugs(f"{call}(optimizer, {length}=100)")[0] == alone
    assert slugs(f"scheduler = torch.optim.lr_scheduler.{call}(opt, {length}=epochs * len(loader))")[0] == alone


@pytest.mark.parametrize("text", ["muP", "lrf", "WSM", "arm", "osin", "nneal", "inea", "late"])
def test_part_of_a_word_inside_another_word_is_no_match(text):
    unrelated = {"warmup", "delayed_exponential", "rex", "plateau", "cosine"}
    assert not unrelated & set(slugs(text))


def test_beginnings_of_words_are_found_while_typing():
    for text in ("cos", "cosi", "cosin", "cosine an", "annealing", "CosineAnn"):
        assert "cosine" in slugs(text), text
    assert parts("get_expon_lr_func") == ["get", "expon", "lr", "func"]
    assert parts("CosineAnnealingLR") == ["cosine", "annealing", "lr"]
    known = Beginnings(["get_expon_lr_func", "warmup", "CosineAnnealingLR"])
    assert known.find("lrf") == known.find("mup") == {}
    assert known.find("lrfunc") == {"getexponlrfunc": False}
    assert known.find("cosinean") == {}, "two letters of a second word may be chance"
    assert known.find("cosineann") == {"cosineannealinglr": True}


@pytest.mark.parametrize("wrong", ["ocsine", "cosin", "cosinne", "cozine", "cosnie"])
def test_one_typing_error_is_forgiven(wrong):
    assert one_error(wrong, "cosine")
    assert one_error("cosine", wrong)
    assert "cosine" in slugs(wrong)


@pytest.mark.parametrize("wrong", ["cosine", "cose", "cosinexy", "csione", "xosinx", ""])
def test_two_errors_are_not(wrong):
    assert not one_error(wrong, "cosine")
    assert not one_error("cosine", wrong)


def test_a_decimal_number_is_no_rate_of_zero():
    always_zero = next(str(symptom.text) for symptom in SYMPTOMS if symptom.slug == "always_zero")
    assert {str(found.note) for found in find("lr is 0 at epoch 30")} == {
        str(found.note) for found in find("lr is 0.0 at epoch 30")
    }
    assert {str(found.note) for found in find("lr is 0 at epoch 30")} == {always_zero}
    assert always_zero not in {str(found.note) for found in find("lr is 0.1 at epoch 30")}


def test_a_corrected_search_says_what_was_searched():
    assert {found.instead for found in find("Gemma")} == {"gamma"}
    assert {found.instead for found in find("cosine anealing")} == {"cosine annealing"}
    assert {found.instead for found in find("MutiStepLR")} == {"MultiStepLR"}
    assert {found.instead for text in ("gamma", "sft lr", "cosine annealing", "annea") for found in find(text)} == {""}


@pytest.mark.parametrize(("text", "slug"), [("constant_steps: 100", "warmup"), ("constant_ratio: 0.1", "plan")])
def test_a_key_with_two_meanings_says_both(text, slug):
    assert "hold at the start" in {found.card.slug: str(found.note) for found in find(text)}[slug]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--lr-decay-style cosine", ["cosine"]),
        ("cos_lr=True", ["cosine"]),
        ('decay_ratio = 0.8\ndecay_type = "linear"\nmin_lr_factor = 0.1', ["cooldown", "torchtitan"]),
        ("lr_scheduler: cosine\ncosine_min_lr_ratio: 0.1", ["hf_cosine", "llama", "cosine", "warmup"]),
        ("lr_scheduler: cosine\ncosine_min_lr_ratio: 0.15", ["hf_cosine", "cosine", "warmup"]),
    ],
)
def test_a_setting_finds_the_schedule_and_recipe_that_it_selects_alone(text, expected):
    assert slugs(text) == expected


def test_short_words_are_not_corrected():
    assert Corrections(["step"]).find("stop") is None
    assert slugs("pony") == []


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_every_name_of_a_topic_finds_its_card(topic):
    for name in (topic.name, topic.slug, *topic.names):
        assert topic.slug in slugs(name), name
    known = {card.slug for card in (*cards(), *topics())}
    assert set(topic.see) <= known
    assert set(topic.see) <= set(slugs(topic.name)), "cards to read next"
    assert str(topic.text).endswith(".")
    assert topic.slug not in {card.slug for card in cards()}, "a topic is only found"


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda symptom: symptom.slug)
def test_every_phrase_of_a_symptom_finds_its_cards_with_the_explanation(symptom):
    for phrase in symptom.phrases:
        found = find(phrase)
        assert [one.card.slug for one in found] == list(symptom.cards), phrase
        assert {str(one.note) for one in found} == {str(symptom.text)}


def test_a_key_of_a_configuration_says_which_library_has_it():
    assert str(find("warmup_num_steps")[0].note) == "warmup_num_steps is a setting of deepspeed that belongs here."


def test_case_does_not_matter():
    for text, _ in (*REPORTED, *TYPED):
        if "_" not in text and not any(a.islower() and b.isupper() for a, b in pairwise(text)):
            assert slugs(text.lower()) == slugs(text), text


MORE = (
    ("DeepSeek-V3", "deepseek_v3"),
    ("Kimi K2", "kimi_k2"),
    ("SmolLM3", "smollm3"),
    ("LoRA", "sd_lora"),
    ("re-warm", "rewarming"),
    ("8-1-1", "deepseek"),
    ("HyperbolicLR", "hyperbolic"),
    ("Llama 3", "llama3"),
)
"""Names of recipes and policies, each with its card."""


@pytest.mark.parametrize(("text", "slug"), MORE)
def test_names_of_newer_recipes_and_policies_find_them(text, slug):
    assert slugs(text)[0] == slug


def test_a_function_of_ones_own_also_finds_what_it_reads():
    line = "lf = lambda x: (1 - x / epochs) * (1.0 - hyp['lrf']) + hyp['lrf']\nscheduler = LambdaLR(optimizer, lr_lambda=lf)"
    assert slugs(line)[0] == "knots" and {"linear", "ultralytics"} <= set(slugs(line))
