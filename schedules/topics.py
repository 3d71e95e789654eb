"""Topics: short cards on what belongs beside a schedule, and the complaints that a search understands. Pure data.

A topic is no schedule: its card says what it does to one, and is found by a search only. A symptom is what a person sees in a
run; it leads to the cards that explain it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schedules.core.spec import Source
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.one_cycle import OneCycle
from schedules.recipes import PYTORCH
from schedules.schedule import Schedule
from schedules.words import Text

_FLAT = Schedule(policy=Constant(), warmup=0.05)
_WSD = Schedule(policy=Constant(), warmup=0.05, cooldown=0.2)
_COSINE = Schedule(policy=Cosine(), warmup=0.05)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something beside a schedule; `schedule` is one that is used with it, and `see` has the cards to read next."""

    slug: str
    name: str
    about: str
    source: Source
    schedule: Schedule
    names: tuple[str, ...]
    see: tuple[str, ...] = ()

    @property
    def title(self) -> Text:
        """Title on screen."""
        return Text(f"topic.{self.slug}.title", self.name)

    @property
    def text(self) -> Text:
        """The topic's effect on a schedule, in one to three sentences."""
        return Text(f"topic.{self.slug}.text", self.about)


@dataclass(frozen=True, slots=True)
class Symptom:
    """A complaint about a run.

    Attributes:
        slug: name in language files.
        phrases: words of which all must be in the search, by phrase; see `matching.plain` for their form.
        cards: slugs of the cards that explain it, first the most likely.
        about: the explanation, shown on these cards.
    """

    slug: str
    phrases: tuple[str, ...]
    cards: tuple[str, ...]
    about: str

    @property
    def text(self) -> Text:
        """The explanation."""
        return Text(f"symptom.{self.slug}", self.about)


_TOPICS = (
    Topic(
        "schedule_free",
        "Schedule-Free",
        "An optimizer that returns an average of its weights, so that no decay and no planned length are needed. Its rate is"
        " constant after a warm-up; the averaging has the effect of a decay.",
        Source("Defazio et al.", 2024, "The Road Less Scheduled", "arXiv:2405.15682"),
        _FLAT,
        ("schedulefree", "AdamWScheduleFree", "SGDScheduleFree", "RAdamScheduleFree"),
        ("constant", "warmup"),
    ),
    Topic(
        "prodigy",
        "Prodigy",
        "An optimizer that estimates the size of its steps during the run. Its learning rate stays near 1 and is a multiplier:"
        " a schedule such as a cosine still shapes the run, but no peak has to be searched.",
        Source("Mishchenko & Defazio", 2023, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", "arXiv:2306.06101"),
        _COSINE,
        ("prodigyopt", "Prodigy optimizer"),
        ("cosine", "d_adaptation"),
    ),
    Topic(
        "d_adaptation",
        "D-Adaptation",
        "Optimizers that estimate the distance to the solution and set the size of their steps by it. The learning rate stays"
        " near 1 and is a multiplier, so a schedule gives only the shape.",
        Source("Defazio & Mishchenko", 2023, "Learning-Rate-Free Learning by D-Adaptation", "arXiv:2301.07733"),
        _COSINE,
        ("dadaptation", "DAdaptAdam", "DAdaptSGD", "DAdaptAdaGrad"),
        ("cosine", "prodigy"),
    ),
    Topic(
        "muon",
        "Muon",
        "An optimizer for the matrices of a network; embeddings, output layer and vectors are trained with Adam beside it. Its"
        " peak is another number than Adam's, and each has its own; both often follow the same shape over the run.",
        Source(
            "Jordan et al.",
            2024,
            "Muon: An optimizer for hidden layers in neural networks",
            "kellerjordan.github.io/posts/muon",
        ),
        _WSD,
        ("Muon optimizer", "MuonWithAuxAdam", "MuonClip", "MuSGD"),
        ("cooldown", "parameter_groups"),
    ),
    Topic(
        "mup",
        "muP",
        "Maximal update parametrization: the initial weights and the rate of each layer scale with its width, so that a peak"
        " found on a narrow network suits a wide one. It sets the peak of each layer; the shape of the schedule stays as it"
        " is.",
        Source(
            "Yang et al.",
            2022,
            "Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer",
            "arXiv:2203.03466",
        ),
        _COSINE,
        ("mu-P", "maximal update parametrization", "mu transfer", "MuAdam", "MuAdamW", "MuSGD"),
        ("plan", "parameter_groups"),
    ),
    Topic(
        "batch_ramp",
        "Batch-size ramp",
        "A batch that grows during the run lowers the noise of the steps, much as a falling rate does. It replaces a part of"
        " the decay or comes on top of it; the steps then have different numbers of examples.",
        Source(
            "Smith, Kindermans, Ying & Le", 2018, "Don't Decay the Learning Rate, Increase the Batch Size", "arXiv:1711.00489"
        ),
        _FLAT,
        (
            "batch size ramp",
            "batch size schedule",
            "batch size warm-up",
            "rampup_batch_size",
            "increase the batch size",
            "Seesaw",
        ),
        ("constant", "imagenet_hour"),
    ),
    Topic(
        "averaging",
        "Weight averaging",
        "The average of the weights of many steps has less noise than the last weights, as after a decay. Averages are taken"
        " along a constant or cyclic rate (SWA), with decaying weights (EMA), or of saved checkpoints.",
        Source(
            "Izmailov, Podoprikhin, Garipov, Vetrov & Wilson",
            2018,
            "Averaging Weights Leads to Wider Optima and Better Generalization",
            "arXiv:1803.05407",
        ),
        _FLAT,
        (
            "SWA",
            "EMA",
            "stochastic weight averaging",
            "exponential moving average",
            "AveragedModel",
            "average of weights",
            "checkpoint averaging",
            "Polyak averaging",
            "LAWA",
            "swa_utils",
            "ema_decay",
        ),
        ("constant", "cooldown", "wsm"),
    ),
    Topic(
        "wsm",
        "WSM",
        "Warm-up, stable, merge: the rate stays at its peak, and checkpoints are merged with weights that stand for a decay."
        " The schedule is a warm-up and a constant rate.",
        Source(
            "Tian et al.",
            2025,
            "WSM: Decay-Free Learning Rate Schedule via Checkpoint Merging for LLM Pre-training",
            "arXiv:2507.17634",
        ),
        _FLAT,
        ("warm-up stable merge", "checkpoint merging", "model merging"),
        ("constant", "averaging", "cooldown"),
    ),
    Topic(
        "accumulation",
        "Gradient accumulation",
        "Several small batches make one optimizer step, and a schedule counts optimizer steps. If the scheduler is stepped once"
        " per small batch, or its length is counted in small batches, the plan is too short or too long by that factor.",
        Source("Ott, Edunov, Grangier & Auli", 2018, "Scaling Neural Machine Translation", "arXiv:1806.00187"),
        Schedule(policy=Linear()),
        (
            "accumulation",
            "accumulate gradients",
            "gradient_accumulation_steps",
            "grad_accum",
            "micro-batch",
            "micro batch size",
        ),
        ("plan",),
    ),
    Topic(
        "devices",
        "Several devices",
        "Each device takes its own batch, so an epoch has fewer steps. Accelerate steps the scheduler once per device in every"
        " training step, unless batches are split: a length in optimizer steps must then be multiplied by their number.",
        Source("Gugger et al.", 2022, "Accelerate: Training and inference at scale", "github.com/huggingface/accelerate"),
        Schedule(policy=Linear()),
        (
            "multi-GPU",
            "data parallel",
            "DistributedDataParallel",
            "DDP",
            "DummyScheduler",
            "world size",
            "several GPUs",
            "split_batches",
            "step_scheduler_with_optimizer",
        ),
        ("plan", "imagenet_hour"),
    ),
    Topic(
        "resume",
        "Resume a run",
        "A run continues on its curve if scheduler and optimizer are restored with the weights, and the planned length is the"
        " same. A new scheduler begins again with its warm-up, and another length moves the run to another curve.",
        PYTORCH,
        _COSINE,
        (
            "resume",
            "resume training",
            "resume from checkpoint",
            "resume_from_checkpoint",
            "load_state_dict",
            "state_dict",
            "continue training",
            "restart training",
            "override_opt_param_scheduler",
            "use_checkpoint_opt_param_scheduler",
            "reset_lr_scheduler",
        ),
        ("plan", "infinite"),
    ),
    Topic(
        "parameter_groups",
        "Parameter groups",
        "Groups of weights with rates of their own, such as a head and a backbone, or lower rates for lower layers. A schedule"
        " multiplies the rate of every group by the same factor, unless each group has its own.",
        Source("Howard & Ruder", 2018, "Universal Language Model Fine-tuning for Text Classification", "arXiv:1801.06146"),
        _COSINE,
        (
            "parameter group",
            "param_groups",
            "param groups",
            "layer-wise learning rate decay",
            "layerwise lr decay",
            "LLRD",
            "layer_decay",
            "discriminative learning rates",
            "different learning rates per layer",
            "backbone learning rate",
            "learning rate per layer",
            "per layer",
            "two learning rates",
            "TTUR",
            "freeze layers",
            "ParamGroupScheduler",
            "lr_mult",
        ),
        ("plan", "ulmfit"),
    ),
    Topic(
        "weight_decay",
        "Weight decay",
        "AdamW multiplies the weights by 1 - rate times decay in every step, so the schedule of the rate acts on the weight"
        " decay too: where the rate is low, the weights hardly shrink.",
        Source("Loshchilov & Hutter", 2019, "Decoupled Weight Decay Regularization", "arXiv:1711.05101"),
        _COSINE,
        ("weight_decay", "decoupled weight decay", "L2 regularization"),
        ("cosine",),
    ),
    Topic(
        "momentum",
        "Momentum schedule",
        "Some schedules move the momentum too: one-cycle lowers it while the rate climbs and raises it again while the rate"
        " falls. The curves here are those of the rate.",
        Source("Smith", 2018, "A Disciplined Approach to Neural Network Hyper-Parameters: Part 1", "arXiv:1803.09820"),
        Schedule(policy=OneCycle()),
        ("cycle_momentum", "base_momentum", "max_momentum", "momentum", "momentum warm-up", "cycle_min_mom", "cycle_max_mom"),
        ("one_cycle", "cyclic"),
    ),
    Topic(
        "other_values",
        "Schedules of other values",
        "Weight decay, dropout or the radius of SAM may follow a schedule too. The shapes are those of a learning rate, but"
        " such a value often rises; the curves here are those of the rate.",
        Source("Zhuang et al.", 2022, "Surrogate Gap Minimization Improves Sharpness-Aware Training", "arXiv:2203.08065"),
        _COSINE,
        (
            "ProportionScheduler",
            "weight_decay_incr_style",
            "start_weight_decay",
            "end_weight_decay",
            "LambdaStateScheduler",
            "SAM",
            "SAM optimizer",
            "sharpness-aware minimization",
            "GSAM",
            "weight decay schedule",
            "cosine weight decay",
        ),
        ("weight_decay", "momentum"),
    ),
    Topic(
        "rate_noise",
        "Noise on the rate",
        "timm can multiply the rate by a random number near 1 in a range of epochs. A random rate is no function of time alone,"
        " so no curve here has it.",
        Source("Wightman", 2019, "PyTorch Image Models", "github.com/huggingface/pytorch-image-models, timm/scheduler"),
        _COSINE,
        (
            "lr_noise",
            "lr_noise_pct",
            "lr_noise_std",
            "noise_range_t",
            "noise_pct",
            "noise_std",
            "noise in learning rate",
            "noisy learning rate",
        ),
        ("cosine",),
    ),
    Topic(
        "clipping",
        "Gradient clipping",
        "Limits the size of the gradient, not the rate: single large gradients then move the weights less. It makes a spike at"
        " a high rate less likely and does not replace a warm-up.",
        Source("Pascanu, Mikolov & Bengio", 2013, "On the difficulty of training recurrent neural networks", "arXiv:1211.5063"),
        _FLAT,
        ("gradient clipping", "clip_grad_norm", "clip_grad_norm_", "max_grad_norm", "clip_grad", "clip gradient"),
        ("warmup",),
    ),
    Topic(
        "sequences",
        "Step sequences of theory",
        "Chebyshev's and silver steps are lengths of steps for gradient descent without noise, of which some are above the"
        " stability limit. They are not schedules for training a network; the page Theory runs them.",
        Source(
            "Altschuler & Parrilo",
            2023,
            "Acceleration by Stepsize Hedging I: Multi-Step Descent and the Silver Stepsize Schedule",
            "arXiv:2309.07879",
        ),
        Schedule(policy=Constant()),
        ("Chebyshev", "Chebyshev steps", "silver steps", "silver stepsize", "fractal order", "get_chebyshev_schedule"),
        ("constant", "polyak"),
    ),
    Topic(
        "early_stopping",
        "Early stopping",
        "Ends a run when the validation loss no longer falls. A schedule that is planned for the full length is then cut off"
        " before its low rates.",
        Source("Prechelt", 1998, "Early Stopping - But When?", "doi:10.1007/3-540-49430-8_3"),
        _COSINE,
        ("EarlyStopping", "stop early"),
        ("plan", "plateau"),
    ),
    Topic(
        "adaptive",
        "Adam and other adaptive optimizers",
        "Adam divides each step by a running size of the gradient, which sets the steps of single weights. A schedule"
        " multiplies all of them, so it matters with Adam too.",
        Source("Kingma & Ba", 2015, "Adam: A Method for Stochastic Optimization", "arXiv:1412.6980"),
        _COSINE,
        ("Adam", "AdamW", "RMSprop", "Adagrad", "adaptive optimizer", "adaptive learning rate"),
        ("cosine", "warmup"),
    ),
    Topic(
        "other_optimizers",
        "Lion and other optimizers",
        "A schedule multiplies the rate of Lion, Shampoo, SOAP or Sophia as it does Adam's, but the peak may be another number:"
        " Lion's is typically 3 to 10 times smaller than AdamW's.",
        Source("Chen et al.", 2023, "Symbolic Discovery of Optimization Algorithms", "arXiv:2302.06675, section 5"),
        _COSINE,
        ("Lion", "Lion optimizer", "Shampoo", "DistributedShampoo", "SOAP", "Sophia", "SophiaG"),
        ("adaptive", "muon"),
    ),
)

TOPICS: Mapping[str, Topic] = MappingProxyType({topic.slug: topic for topic in _TOPICS})
"""Topics by slug."""

SYMPTOMS = (
    Symptom(
        "step_order",
        ("scheduler step before optimizer step", "call scheduler step before", "detected call step before"),
        ("plan",),
        "If the scheduler is stepped before the optimizer, the first rate is never used and every rate comes a step early.",
    ),
    Symptom(
        "too_many_steps",
        (
            "try to step time",
            "specified number total step",
            "total step exceeded",
            "step more than total",
            "step too many time",
            "step call twice",
            "step twice",
            "call too many time",
        ),
        ("one_cycle", "plan"),
        "PyTorch's OneCycleLR raises this error when it is stepped more often than total_steps: count the calls of step(), as a"
        " rule one per batch.",
    ),
    Symptom(
        "negative",
        ("negative", "go negative", "become negative", "below 0"),
        ("one_cycle", "linear"),
        "PyTorch's OneCycleLR with straight lines goes below zero if it is stepped once more after its last step.",
    ),
    Symptom(
        "first_rate_not_zero",
        (
            "not 0 step 0",
            "not 0 first step",
            "not 0 first epoch",
            "not start 0",
            "not begin 0",
            "first rate not 0",
            "first lr not 0",
            "nonzero step 0",
            "nonzero first",
        ),
        ("warmup",),
        "A warm-up need not begin at 0: PyTorch's LinearLR starts at a third of the peak unless told otherwise, and a ramp that"
        " counts from 1 gives the first step a part of the peak.",
    ),
    Symptom(
        "first_rate_zero",
        (
            "0 first step",
            "0 start",
            "0 begin",
            "0 first epoch",
            "0 step 0",
            "0 epoch 0",
            "first step 0",
            "start at 0",
            "first epoch do nothing",
        ),
        ("warmup", "noam"),
        "A warm-up that starts at 0 gives the first step the rate 0, so that step changes nothing. A start above 0 avoids it.",
    ),
    Symptom(
        "restart_spike",
        (
            "spike restart",
            "spike warm restart",
            "jump restart",
            "rise restart",
            "go up restart",
            "increase restart",
            "worse restart",
            "bump restart",
            "peak after restart",
        ),
        ("warm_restarts", "wsd_s", "resume"),
        "At a warm restart the rate jumps back to the peak and the loss rises for a while; it is lowest at the end of a cycle."
        " If the program was started again, the scheduler may not have been restored.",
    ),
    Symptom(
        "rises_again",
        (
            "rise again",
            "go up again",
            "rise end",
            "go up end",
            "go back up",
            "come back up",
            "rise after",
            "climb again",
            "up again",
            "rise instead",
            "keep rise",
        ),
        ("plan", "cosine", "warm_restarts"),
        "PyTorch's CosineAnnealingLR climbs again after T_max steps. The plan is then shorter than the run: set it to the"
        " number of calls of step(), or hold the end.",
    ),
    Symptom(
        "per_epoch",
        (
            "step per epoch or batch",
            "per epoch or per step",
            "step every batch or epoch",
            "when call scheduler step",
            "where call scheduler step",
            "per batch or epoch",
            "per batch epoch",
            "epoch or step",
            "epoch or batch",
            "epoch vs step",
            "epoch versus step",
            "step wanted per epoch",
            "epoch instead step",
            "epoch instead batch",
            "per step not per epoch",
        ),
        ("plan", "accumulation"),
        "The plan's length must be counted in the same unit as the calls of step(): batches or epochs.",
    ),
    Symptom(
        "drop_every",
        ("drop every", "halve every", "decay every", "reduce every", "divide every", "lower every", "multiply every"),
        ("step", "factor"),
        "A drop after every so many steps or epochs is this schedule.",
    ),
    Symptom(
        "drop_at",
        (
            "drop at epoch",
            "decay at epoch",
            "reduce at epoch",
            "divide at epoch",
            "lower at epoch",
            "halve at epoch",
            "drop at step",
        ),
        ("multi_factor", "step"),
        "Drops at chosen steps or epochs are milestones of this schedule.",
    ),
    Symptom(
        "stalled",
        (
            "loss stop improve",
            "loss not decrease",
            "loss not drop",
            "loss not go down",
            "loss not fall",
            "stop improve",
            "loss plateau",
            "loss stall",
            "loss stuck",
            "loss not improve",
            "not improve",
            "not converge",
            "loss stop fall",
            "validation loss plateau",
        ),
        ("plateau", "cooldown"),
        "A rule that looks at the loss lowers the rate when progress stalls; a planned decay does so without looking.",
    ),
    Symptom(
        "always_zero",
        ("stay 0", "always 0", "remain 0", "become 0", "stuck 0", "is 0 at", "is 0 after", "0"),
        ("plan", "warmup"),
        "A rate of 0 is that of the end of a plan with a floor of 0, or of the first step of a warm-up from 0. A scheduler"
        " that is stepped too often reaches the end early.",
    ),
    Symptom(
        "never_drops",
        (
            "never drop",
            "never change",
            "never decay",
            "never decrease",
            "not drop",
            "not change",
            "not decay",
            "not decrease",
            "not fall",
            "never fall",
            "stay constant",
            "stay same",
            "always same",
            "stuck initial",
            "stuck same",
            "stuck default",
            "not update",
            "never update",
            "not work",
            "never go down",
            "not go down",
            "scheduler not step",
            "scheduler not call",
            "do nothing",
            "nothing happen",
            "nothing change",
            "no effect",
        ),
        ("multi_factor", "step", "plateau", "plan"),
        "Lengths and milestones count calls of step(). Counted in steps but called once per epoch, they are not reached in"
        " the run.",
    ),
    Symptom(
        "micro_batch",
        (
            "step micro batch",
            "step microbatch",
            "step accumulate",
            "step accumulation",
            "per micro batch",
            "fast accumulation",
            "early accumulation",
        ),
        ("accumulation", "plan"),
        "Lengths count optimizer steps. A scheduler that is stepped once per small batch reaches its end too early, by a factor"
        " of the number of accumulated batches.",
    ),
    Symptom(
        "per_device",
        (
            "per device",
            "per process",
            "per gpu",
            "different gpu",
            "per rank",
            "each gpu",
            "every gpu",
            "multiple gpu",
            "several gpu",
            "early gpu",
            "fast gpu",
            "step accelerate",
        ),
        ("devices", "plan"),
        "Accelerate steps a prepared scheduler once per device in every training step, so a length in optimizer steps ends too"
        " early, by a factor of the number of devices.",
    ),
    Symptom(
        "flat_first",
        (
            "constant then decay",
            "constant while then",
            "constant then linear",
            "constant then cooldown",
            "flat then decay",
            "flat anneal",
            "hold then decay",
            "decay last",
            "decay end only",
            "constant decay end",
        ),
        ("cooldown", "warmup", "delayed_exponential"),
        "A constant rate with a fall at the end is a cool-down behind the policy Constant; a hold puts a constant part before"
        " any other decay.",
    ),
    Symptom(
        "too_fast",
        (
            "decay too fast",
            "drop too fast",
            "fall too fast",
            "decay too quick",
            "drop too early",
            "0 too early",
            "end too early",
            "0 before end",
            "decay too early",
            "reach minimum early",
            "reach 0 before",
            "0 halfway",
            "0 half",
            "rate after one epoch",
            "lr after one epoch",
            "0 after quarter",
            "step too fast",
            "advance too fast",
        ),
        ("plan", "devices", "accumulation"),
        "A scheduler that is stepped more often than it was planned for, once per batch instead of epoch, per device, or per"
        " small batch, reaches its end early.",
    ),
    Symptom(
        "jump_after_resume",
        (
            "jump resume",
            "reset resume",
            "restart resume",
            "restart load",
            "restart checkpoint",
            "warmup again",
            "spike resume",
            "after resume",
            "jump checkpoint",
            "reset load",
            "reset checkpoint",
            "load checkpoint",
            "wrong resume",
            "not specified resume",
        ),
        ("resume", "plan"),
        "After a resume the rate jumps if the scheduler was not restored, or if the planned length is another one.",
    ),
    Symptom(
        "early_divergence",
        (
            "loss nan",
            "gradient explode",
            "model diverge",
            "loss explode",
            "loss spike",
            "loss diverge",
            "training diverge",
            "training unstable",
            "become nan",
            "nan",
        ),
        ("warmup", "range_test", "clipping"),
        "A rate that is too high for the first steps makes the loss jump: a warm-up starts low, and a range test finds the"
        " peak.",
    ),
    Symptom(
        "loss_bounces",
        ("loss noisy", "loss bounce", "loss oscillate", "loss fluctuate"),
        ("cooldown", "linear", "averaging"),
        "At a constant rate the noise of the batches keeps the loss up; a decay at the end lets it fall.",
    ),
    Symptom(
        "unknown_length",
        (
            "unknown length",
            "not know long",
            "open end",
            "without total step",
            "unknown total step",
            "train longer",
            "longer training",
            "extend training",
            "extend run",
            "beyond plan",
            "beyond planned",
            "no fixed length",
            "train indefinitely",
            "unknown number step",
            "any time",
        ),
        ("cooldown", "infinite", "square_root"),
        "With a constant rate the end may be chosen later: the cool-down begins when the run shall end.",
    ),
    Symptom(
        "which_peak",
        (
            "find good",
            "find best",
            "best initial",
            "choose initial",
            "which rate use",
            "good initial",
            "optimal initial",
            "find peak",
            "choose peak",
            "find max",
            "how large",
            "how high",
            "too small",
            "too large",
            "too big",
            "too high",
            "too low",
        ),
        ("range_test", "plan"),
        "A range test raises the rate over a short run: the peak is chosen below the rate at which the loss rises.",
    ),
    Symptom(
        "minimum",
        ("minimum", "decay to minimum", "min", "lowest", "final", "end at 10", "not go below", "minimal"),
        ("cosine", "linear", "polynomial"),
        "The floor of a decay is its lowest rate: eta_min and min_lr are rates, while the floor here is a ratio of the peak.",
    ),
    Symptom(
        "root_scaling",
        ("root scale", "scale root", "square root batch"),
        ("lamb", "imagenet_hour"),
        "With k times the batch, Adam and its relatives often get sqrt(k) times the peak, and SGD k times.",
    ),
    Symptom(
        "larger_batch",
        (
            "batch size double",
            "scale batch size",
            "larger batch size",
            "increase batch size scale",
            "linear scale",
            "scale rule",
            "scale number of gpu",
            "rate for batch size",
            "lr for batch size",
            "rate and batch size",
            "lr and batch size",
            "peak for batch size",
        ),
        ("imagenet_hour", "batch_ramp", "lamb"),
        "With k times the batch the peak is often set k times as high, behind a warm-up.",
    ),
)
"""Symptoms in the order of their tests: the first whose phrase is in a text is meant."""


def texts() -> Iterator[Text]:
    """Yield the texts of all topics and symptoms."""
    for topic in TOPICS.values():
        yield from (topic.title, topic.text)
    for symptom in SYMPTOMS:
        yield symptom.text
