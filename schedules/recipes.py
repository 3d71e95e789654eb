"""Recipes: named schedules used in practice, each with its source. Pure data.

The shape is that of the source. A recipe has two schedules: `schedule` for the playground, with peak 0.1 and at most 10,000
steps, and `published` with the peak and the length of the source, where it states them. The five recipes from D2L have the
book's exact values in both, with one step per epoch. Lengths that a source states in tokens or epochs are converted to steps
with its batch; the recipe's text says so where the batch changes. Titles and texts are in `words`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from schedules.core.quantities import Steps
from schedules.core.spec import Source
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.inverse_time import InverseTime
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.noam import Noam
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.power_law import PowerLaw
from schedules.policies.slanted_triangular import SlantedTriangular
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import COOLDOWNS, Schedule
from schedules.words import Sentence, say

Evidence = Literal["checked", "second_hand", "unverified"]
"""The evidence for the numbers of a recipe: compared with the source, from a copy or a summary of it, or from memory."""


BEFORE_FINE_TUNING = say("catalogue.before_fine_tuning")
"""The sentence on the cost of a decay at the end of pre-training (Yano et al. 2026, arXiv:2603.16127)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A schedule with its source and the names that find it in a search.

    `exact_names` are the names that mean exactly this schedule, including its warm-up, so that the card of a part does not
    cover them. `peak` and `steps` are the source's; `changes` are the fields of the schedule that differ at that length, such
    as time constants in steps. `evidence` says how far these numbers were compared with the source, and `decays_at_end` marks a
    constant rate with a decay at its end (WSD).
    """

    slug: str
    source: Source
    schedule: Schedule
    names: tuple[str, ...] = ()
    exact_names: tuple[str, ...] = ()
    peak: float | None = None
    steps: int | None = None
    changes: tuple[tuple[str, Any], ...] = ()
    evidence: Evidence | None = None
    decays_at_end: bool = False

    @property
    def published(self) -> Schedule | None:
        """The schedule with the peak and the length of the source; a number that the source does not state is the playground's.

        None if the source states neither.

        Raises:
            ValueError: the peak is outside of the bounds of `Schedule.peak_lr`.
        """
        if self.peak is None and self.steps is None:
            return None
        peak, steps = self.peak or self.schedule.peak_lr, self.steps or self.schedule.total_steps
        return self.schedule.replace(peak_lr=peak, total_steps=steps, **dict(self.changes))

    @property
    def opened(self) -> Schedule:
        """The schedule to open: the published one, or else that of the playground."""
        return self.published or self.schedule

    @property
    def remarks(self) -> tuple[Sentence, ...]:
        """Cautions for the card: numbers that were not compared with the source, and what a decay does before fine-tuning."""
        doubts = () if self.evidence in (None, "checked") else (say(f"catalogue.evidence.{self.evidence}"),)
        return (*doubts, BEFORE_FINE_TUNING) if self.decays_at_end else doubts

    @property
    def title(self) -> Sentence:
        """Name on screen."""
        return say(f"recipes.{self.slug}.title")

    @property
    def text(self) -> Sentence:
        """Description in one or two sentences."""
        return say(f"recipes.{self.slug}.text")


HAEGELE = Source(
    "Hägele, Bakouch, Kosson, Ben Allal, Von Werra & Jaggi",
    2024,
    "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations",
    "arXiv:2405.18392",
)
MINICPM = Source(
    "Hu et al.",
    2024,
    "MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies",
    "arXiv:2404.06395",
)
NANOGPT = Source(
    "Jordan et al.", 2024, "modded-nanogpt: Speedrunning the NanoGPT baseline", "github.com/KellerJordan/modded-nanogpt"
)
D2L = Source("Zhang, Lipton, Li & Smola", 2021, "Dive into Deep Learning, section Learning Rate Scheduling", "arXiv:2106.11342")
PYTORCH = Source(
    "Paszke et al.", 2019, "PyTorch: An Imperative Style, High-Performance Deep Learning Library", "arXiv:1912.01703"
)
FASTAI = Source("Howard & Gugger", 2020, "fastai: A Layered API for Deep Learning", "arXiv:2002.04688")
OPTAX = Source("DeepMind et al.", 2020, "The DeepMind JAX Ecosystem", "github.com/google-deepmind/optax")
GOYAL = Source("Goyal et al.", 2017, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", "arXiv:1706.02677")
TRANSFORMERS = Source(
    "Wolf et al.", 2020, "Transformers: State-of-the-Art Natural Language Processing", "doi:10.18653/v1/2020.emnlp-demos.6"
)
WSD_NAMES = (
    "WSD",
    "warmup_stable_decay",
    "warmup stable decay",
    "trapezoid",
    "trapezoidal",
    "get_wsd_schedule",
    "WSDLRScheduler",
)

OLMO3 = Source(
    "Team OLMo", 2025, "Olmo 3", "arXiv:2512.13961; github.com/allenai/OLMo-core, src/scripts/official/OLMo3, 138b1fc"
)
VIT = Source(
    "Dosovitskiy et al.",
    2021,
    "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    "arXiv:2010.11929, tables 3 and 4; github.com/google-research/vision_transformer",
)
DEVLIN = Source(
    "Devlin, Chang, Lee & Toutanova",
    2019,
    "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    "arXiv:1810.04805",
)


def _linspace(warmup: int, steps: int, floor: float) -> Schedule:
    """A ramp by NumPy's linspace, which ends on the peak, then a cosine from the peak: the peak is held for one step."""
    return Schedule(policy=Cosine(floor=floor), warmup=(warmup - 1) / steps, hold=1 / steps)


def _stretched_cosine(warmup: int, middle: int, plan: int, stop: int, floor: float) -> Knots:
    """Half of a cosine until step `middle`, its second half stretched to step `plan`, stopped at `stop`: as 23 straight lines.

    The lines are within 0.12 % of the peak of the curve.
    """
    first = [(warmup + (middle - warmup) * i / 11, i / 22) for i in range(11)]
    second = [(middle + (stop - middle) * i / 12, 0.5 + 0.5 * (stop - middle) / (plan - middle) * i / 12) for i in range(13)]
    return Knots(
        points=tuple((step / stop, floor + (1 - floor) * (1 + math.cos(math.pi * x)) / 2) for step, x in first + second)
    )


def _power_cooldown(start: int, steps: int, power: float) -> Knots:
    """A constant until step `start`, then (1 - y)^power to 0: as 22 straight lines, within 0.2 % of the peak of the curve."""
    ends = (((start + (steps - start) * i / 22) / steps, float((1 - i / 22) ** power)) for i in range(23))
    return Knots(points=((0.0, 1.0), *ends))


_D2L_COSINE = Cosine(floor=0.01 / 0.3)

_ALL = (
    *(
        Recipe(
            f"wsd_{shape}",
            {"exponential": MINICPM, "power": NANOGPT}.get(shape, HAEGELE),
            Schedule(policy=Constant(), warmup=0.05, cooldown=0.2, cooldown_shape=shape),
            WSD_NAMES,
            decays_at_end=True,
        )
        for shape in COOLDOWNS
    ),
    Recipe(
        "linear_to_zero",
        Source(
            "Bergsma et al.",
            2025,
            "Straight to Zero: Why Linearly Decaying the Learning Rate to Zero Works Best for LLMs",
            "arXiv:2502.15938",
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=0.1),
        ("D2Z", "decay to zero", "linear"),
    ),
    Recipe(
        "budgeted_linear",
        Source(
            "Li, Yumer & Ramanan",
            2020,
            "Budgeted Training: Rethinking Deep Neural Network Training Under Resource Constraints",
            "arXiv:1905.04753",
        ),
        Schedule(policy=Linear(start=1.0, end=0.0)),
        ("budgeted", "budgeted training"),
    ),
    Recipe(
        "llama",
        Source("Touvron et al.", 2023, "LLaMA: Open and Efficient Foundation Language Models", "arXiv:2302.13971"),
        Schedule(policy=Cosine(floor=0.1), warmup=2_000 / 350_000),
        ("Llama", "cosine to 10 %", "get_cosine_with_min_lr_schedule_with_warmup", "cosine_with_min_lr"),
        exact_names=("get_cosine_with_min_lr_schedule_with_warmup", "cosine_with_min_lr"),
        peak=1.5e-4,
        steps=350_000,
        changes=(("warmup", Steps(2_000)),),
        evidence="checked",
    ),
    Recipe(
        "hf_cosine",
        TRANSFORMERS,
        Schedule(policy=Cosine(), warmup=0.03),
        ("get_cosine_schedule_with_warmup", "warmup_cosine_decay_schedule", "Hugging Face"),
        exact_names=("get_cosine_schedule_with_warmup", "warmup_cosine_decay_schedule"),
    ),
    Recipe(
        "hf_restarts",
        TRANSFORMERS,
        Schedule(policy=WarmRestarts(equal_cycles=3), warmup=0.03),
        ("get_cosine_with_hard_restarts_schedule_with_warmup", "cosine_with_restarts", "Hugging Face"),
        exact_names=("get_cosine_with_hard_restarts_schedule_with_warmup", "cosine_with_restarts"),
    ),
    Recipe(
        "hf_polynomial",
        TRANSFORMERS,
        Schedule(policy=Polynomial(power=2, floor=1e-6), warmup=0.03),
        ("get_polynomial_decay_schedule_with_warmup", "Hugging Face"),
        exact_names=("get_polynomial_decay_schedule_with_warmup",),
    ),
    Recipe(
        "hf_inverse_sqrt",
        TRANSFORMERS,
        Schedule(policy=SquareRoot(timescale=20), total_steps=1_000, warmup=0.02),
        ("get_inverse_sqrt_schedule", "Hugging Face"),
        exact_names=("get_inverse_sqrt_schedule",),
    ),
    Recipe(
        "optax_exponential",
        OPTAX,
        Schedule(policy=Factor(by="half_life", half_life=100), warmup=0.1),
        ("warmup_exponential_decay_schedule",),
        exact_names=("warmup_exponential_decay_schedule",),
    ),
    Recipe(
        "bert",
        DEVLIN,
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=0.01),
        ("BERT", "get_linear_schedule_with_warmup", "linear_with_warmup", "Hugging Face"),
        exact_names=("get_linear_schedule_with_warmup", "linear_with_warmup"),
        peak=1e-4,
        steps=1_000_000,
        changes=(("warmup", Steps(10_000)),),
        evidence="checked",
    ),
    Recipe(
        "lamb",
        Source(
            "You et al.", 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", "arXiv:1904.00962"
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=1 / 5),
        ("LAMB",),
        peak=5e-3,
        steps=15_625,
        evidence="unverified",
    ),
    Recipe(
        "transformer",
        Source("Vaswani et al.", 2017, "Attention Is All You Need", "arXiv:1706.03762"),
        Schedule(policy=Noam(climb=40), total_steps=1_000),
        ("Transformer", "Noam", "NoamLR", "inverse_sqrt"),
        peak=512**-0.5 * 4_000**-0.5,
        steps=100_000,
        changes=(("policy", Noam(climb=4_000)),),
        evidence="checked",
    ),
    Recipe(
        "t5",
        Source(
            "Raffel et al.",
            2020,
            "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
            "arXiv:1910.10683",
        ),
        Schedule(policy=PowerLaw(timescale=100, power=0.5), total_steps=5_000),
        ("T5", "T5InverseSquareRootAnnealing", "get_adafactor_schedule"),
        peak=0.01,
        steps=524_288,
        changes=(("policy", PowerLaw(timescale=10_000, power=0.5)),),
        evidence="checked",
    ),
    Recipe(
        "power",
        Source(
            "Shen et al.",
            2024,
            "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate Scheduler",
            "arXiv:2408.13359",
        ),
        Schedule(
            policy=PowerLaw(timescale=130, power=0.51),
            total_steps=5_000,
            warmup=238 / 238_419,
            warmup_over=True,
            cooldown=0.1,
            cooldown_shape="exponential",
        ),
        ("PowerScheduler", "Power scheduler"),
        peak=0.02,
        steps=238_419,  # a trillion tokens in batches of 1,024 x 4,096
        changes=(
            ("warmup", Steps(238)),
            ("policy", PowerLaw(timescale=6_192, power=0.51)),
        ),  # 4 x 1,024 tokens^-0.51 is 0.02 there
        evidence="checked",
    ),
    Recipe(
        "infinite",
        Source(
            "Ibrahim et al.",
            2024,
            "Simple and Scalable Strategies to Continually Pre-train Large Language Models",
            "arXiv:2403.08763",
        ),
        Schedule(
            policy=Knots(points=((0.0, 1.0), (0.3, 0.5), (1.0, 0.5)), interpolation="cosine"),
            warmup=0.02,
            cooldown=0.15,
            cooldown_shape="exponential",
            cooldown_floor=0.05,
        ),
        ("infinite", "infinite learning rate", "continual pre-training"),
    ),
    Recipe(
        "deepseek",
        Source("DeepSeek-AI", 2024, "DeepSeek LLM: Scaling Open-Source Language Models with Longtermism", "arXiv:2401.02954"),
        Schedule(policy=MultiFactor(milestones=(0.8, 0.9), gamma=math.sqrt(0.1)), warmup=0.02, warmup_over=True),
        ("DeepSeek", "DeepSeek LLM", "multi-step", "8-1-1"),
        peak=4.2e-4,
        steps=211_928,
        changes=(("warmup", Steps(2_000)),),
        evidence="checked",
    ),
    Recipe(
        "imagenet_step",
        Source(
            "He, Zhang, Ren & Sun",
            2016,
            "Deep Residual Learning for Image Recognition",
            "arXiv:1512.03385; github.com/pytorch/examples, imagenet/main.py",
        ),
        Schedule(policy=Step(every=30 / 90, gamma=0.1), total_steps=900),
        ("ImageNet", "ResNet", "StepLR"),
        peak=0.1,
        steps=450_450,
        evidence="checked",
    ),
    Recipe(
        "imagenet_hour",
        GOYAL,
        Schedule(
            policy=MultiFactor(milestones=(30 / 90, 60 / 90, 80 / 90), gamma=0.1),
            total_steps=900,
            warmup=5 / 90,
            warmup_start=1 / 32,
            warmup_over=True,
        ),
        ("ImageNet in one hour", "gradual warm-up", "linear scaling rule"),
        peak=3.2,
        steps=14_076,  # 90 epochs of 1,281,167 examples in batches of 8,192
        changes=(("warmup", Steps(782)),),
        evidence="second_hand",
    ),
    Recipe(
        "gradual_warmup",
        GOYAL,
        Schedule(policy=Constant(), total_steps=900, warmup=5 / 90),
        ("constant_with_warmup", "get_constant_schedule_with_warmup", "warmup_constant_schedule"),
    ),
    Recipe(
        "one_cycle_torch",
        PYTORCH,
        Schedule(policy=OneCycle()),
        ("OneCycleLR", "1cycle", "one-cycle"),
    ),
    Recipe(
        "one_cycle_fastai",
        FASTAI,
        Schedule(policy=OneCycle(climb=0.25, start=1 / 25, end=1e-5, finish="one_step_after")),
        ("fit_one_cycle", "1cycle", "one-cycle"),
    ),
    Recipe(
        "one_cycle_optax",
        OPTAX,
        Schedule(
            policy=OneCycle(
                climb=0.3, start=1 / 25, end=1 / 25e4, shape="linear", phases="three", settle=0.85, finish="one_step_after"
            )
        ),
        ("linear_onecycle_schedule", "1cycle", "one-cycle"),
    ),
    Recipe(
        "super_convergence",
        Source(
            "Smith & Topin",
            2018,
            "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
            "arXiv:1708.07120",
        ),
        Schedule(
            policy=OneCycle(
                climb=0.45, start=0.1 / 3, end=1e-3 / 3, shape="linear", phases="three", settle=0.9, finish="one_step_after"
            )
        ),
        ("super-convergence", "1cycle", "one-cycle"),
        peak=3,
        steps=10_000,
        evidence="second_hand",
    ),
    Recipe(
        "ulmfit",
        Source("Howard & Ruder", 2018, "Universal Language Model Fine-tuning for Text Classification", "arXiv:1801.06146"),
        Schedule(policy=SlantedTriangular(cut=0.1, ratio=32)),
        ("ULMFiT", "STLR"),
        peak=0.01,
        evidence="second_hand",
    ),
    Recipe(
        "sgdr",
        Source(
            "Loshchilov & Hutter",
            2017,
            "SGDR: Stochastic Gradient Descent with Warm Restarts",
            "arXiv:1608.03983; github.com/loshchil/SGDR, SGDR_WRNs.py, 8e22cc0",
        ),
        Schedule(policy=WarmRestarts(first_cycle=10 / 70, cycle_mult=2), total_steps=700),
        ("SGDR",),
        peak=0.05,
        steps=54_670,  # 70 epochs of 781 batches: the images and their mirror images, 128 at a time
        evidence="checked",
    ),
    Recipe(
        "robbins_monro",
        Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586"),
        Schedule(policy=InverseTime(timescale=50, power=1)),
        ("Robbins-Monro", "1/t"),
    ),
    Recipe(
        "nanochat",
        Source(
            "Karpathy", 2025, "nanochat", "github.com/karpathy/nanochat, scripts/base_train.py, 00255c1; dev/LEADERBOARD.md"
        ),
        Schedule(policy=Constant(), warmup=1 / 500, warmup_start=0.5, cooldown=0.65, cooldown_floor=0.05),
        ("nanochat", "warmdown", "warmdown_ratio", "final_lr_frac"),
        peak=0.02,
        steps=12_700,
        changes=(("warmup", Steps(39)), ("warmup_start", 1 / 40)),
        evidence="checked",
        decays_at_end=True,
    ),
    Recipe(
        "torchtitan",
        Source(
            "Liang et al.",
            2025,
            "TorchTitan: One-stop PyTorch native solution for production ready LLM pretraining",
            "arXiv:2410.06511; github.com/pytorch/torchtitan, components/lr_scheduler.py",
        ),
        Schedule(policy=Constant(), total_steps=1_000, warmup=0.2, warmup_progress="from_one_to_last", cooldown=0.8),
        ("torchtitan", "linear_warmup_stable_decay", "min_lr_factor"),
        peak=3e-4,
        steps=1_000,
        changes=(("warmup", Steps(200)),),
        evidence="checked",
        decays_at_end=True,
    ),
    Recipe(
        "llama3",
        Source("Grattafiori et al.", 2024, "The Llama 3 Herd of Models", "arXiv:2407.21783, section 3.4.1"),
        Schedule(policy=Cosine(floor=0.01), warmup=8_000 / 1_200_000),
        ("Llama 3", "Llama 3.1", "Llama 3 405B", "cosine to 1 %"),
        peak=8e-5,
        steps=1_200_000,
        changes=(("warmup", Steps(8_000)),),
        evidence="checked",
    ),
    Recipe(
        "deepseek_v3",
        Source("DeepSeek-AI", 2024, "DeepSeek-V3 Technical Report", "arXiv:2412.19437, section 4.2"),
        Schedule(
            policy=Knots(
                points=(
                    (0.0, 1.0),
                    (10 / 14.8, 1.0),
                    (14.3 / 14.8, 0.1),
                    (14.633 / 14.8, 0.1),
                    (14.633 / 14.8, 7.3 / 220),
                    (1.0, 7.3 / 220),
                ),
                interpolation="cosine",
            ),
            warmup=2_000 / 235_240,
            warmup_over=True,
        ),
        ("DeepSeek-V3", "DeepSeek V3", "DeepSeek-R1"),
        peak=2.2e-4,
        steps=235_240,  # 14.8 trillion tokens in batches of 15,360 x 4,096 tokens
        changes=(("warmup", Steps(2_000)),),
        evidence="checked",
    ),
    Recipe(
        "kimi_k2",
        Source("Kimi Team", 2025, "Kimi K2: Open Agentic Intelligence", "arXiv:2507.20534, section 2.5"),
        Schedule(
            policy=Knots(
                points=((0.0, 1.0), (10 / 15.96, 1.0), (15.5 / 15.96, 0.1), (1.0, 0.035)),
                interpolation="cosine",
            ),
            warmup=500 / 237_823,
            warmup_over=True,
        ),
        ("Kimi K2", "Kimi", "MuonClip"),
        peak=2e-4,
        steps=237_823,  # 15.96 trillion tokens in batches of 2^26 tokens
        changes=(("warmup", Steps(500)),),
        evidence="checked",
    ),
    Recipe(
        "smollm3",
        Source(
            "Bakouch et al.",
            2025,
            "SmolLM3: smol, multilingual, long-context reasoner",
            "github.com/huggingface/smollm, text/pretraining/smollm3/stage1_8T.yaml, a48fa61",
        ),
        Schedule(policy=Constant(), warmup=2_000 / 4_720_000, cooldown=522_000 / 4_720_000),
        ("SmolLM3", "SmolLM"),
        peak=2e-4,
        steps=4_720_000,
        changes=(("warmup", Steps(2_000)), ("cooldown", Steps(522_000))),
        evidence="checked",
        decays_at_end=True,
    ),
    Recipe(
        "olmo2",
        Source(
            "Team OLMo",
            2025,
            "2 OLMo 2 Furious",
            "arXiv:2501.00656; github.com/allenai/OLMo-core, optim/scheduler.py, CosWithWarmup",
        ),
        Schedule(policy=Cosine(floor=0.1), warmup=2_000 / 1_192_093, horizon=1_192_093 / 928_646),
        ("OLMo 2", "OLMo", "CosWithWarmup"),
        peak=3e-4,
        steps=928_646,
        changes=(
            ("horizon", Steps(1_192_093)),
            ("warmup", Steps(2_000)),
        ),
        evidence="checked",
    ),
    Recipe(
        "olmo3",
        OLMO3,
        Schedule(
            policy=_stretched_cosine(2_000, 597_046, 1_668_931, 1_413_814, 0.1),
            warmup=2_000 / 1_413_814,
            warmup_over=True,
        ),
        ("OLMo 3", "HalfCosWithWarmup", "stretched cosine"),
        peak=3e-4,
        steps=1_413_814,
        changes=(("warmup", Steps(2_000)),),
        evidence="checked",
    ),
    Recipe(
        "olmo3_midtraining",
        OLMO3,
        Schedule(policy=Linear(start=1.0, end=0.0), total_steps=477),
        ("OLMo 3 mid-training", "mid-training", "midtraining", "Dolmino"),
        peak=2.0712352850360292e-4,
        steps=47_684,
        evidence="checked",
    ),
    Recipe(
        "olmo3_long_context",
        OLMO3,
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=200 / 11_921),
        ("OLMo 3 long context", "context extension", "long context"),
        peak=2.0712352850360292e-4,
        steps=11_921,
        changes=(("warmup", Steps(200)),),
        evidence="checked",
    ),
    Recipe(
        "marin",
        Source(
            "Marin Community",
            2025,
            "Marin 8B Retrospective",
            "github.com/marin-community/marin, docs/reports/marin-8b-retro.md, 021da3e; experiments/tootsie/exp600_tootsie.py",
        ),
        Schedule(
            policy=Knots(
                points=(
                    (0.0, 0.0),
                    (1_000 / 1_420_000, 1 / 1.7),
                    (660_000 / 1_420_000, 1 / 1.7),
                    (660_000 / 1_420_000, 1.0),
                    (740_500 / 1_420_000, 1.0),
                    (820_000 / 1_420_000, 0.1),
                    (822_000 / 1_420_000, 1.0),
                    (1_320_000 / 1_420_000, 1.0),
                    (1_400_000 / 1_420_000, 0.01),
                    (1.0, 0.01),
                )
            )
        ),
        ("Marin 8B", "Marin", "Tootsie"),
        peak=1.7e-3,
        steps=1_420_000,
        evidence="checked",
    ),
    Recipe(
        "wsd_s",
        Source(
            "Wen et al.",
            2024,
            "Understanding Warmup-Stable-Decay Learning Rates: A River Valley Loss Landscape Perspective",
            "arXiv:2410.05192",
        ),
        Schedule(
            policy=Knots(
                points=(
                    *(knot for i in range(4) for knot in (((i + 0.9) / 5, 1.0), ((i + 1) / 5, 0.0), ((i + 1) / 5, 1.0))),
                    (0.98, 1.0),
                    (1.0, 0.0),
                )
            ),
            warmup=1_000 / 50_000,
            warmup_over=True,
        ),
        ("WSD-S", "WSDS", "WSD with restarts", "cyclic WSD"),
        peak=1e-3,
        steps=50_000,
        changes=(("warmup", Steps(1_000)),),
        evidence="checked",
        decays_at_end=True,
    ),
    Recipe(
        "power_cool",
        Source(
            "modded-nanogpt contributors",
            2026,
            "NanoGPT-Small Optimization Benchmark",
            "github.com/KellerJordan/modded-nanogpt, records/track_3_optimization, records 20 and 46",
        ),
        Schedule(policy=_power_cooldown(514, 2_900, 1.2), total_steps=2_900),
        ("PowerCool", "power cool-down", "modded-nanogpt"),
        steps=2_900,
        evidence="second_hand",
        decays_at_end=True,
    ),
    Recipe(
        "power_decay",
        Source(
            "Li et al.",
            2026,
            "Optimal Learning-Rate Schedules under Functional Scaling Laws: Power Decay and Warmup-Stable-Decay",
            "arXiv:2602.06797",
        ),
        Schedule(policy=Polynomial(power=2)),
        ("power decay", "functional scaling laws"),
    ),
    Recipe(
        "rewarming",
        Source(
            "Ibrahim et al.",
            2024,
            "Simple and Scalable Strategies to Continually Pre-train Large Language Models",
            "arXiv:2403.08763",
        ),
        Schedule(policy=Cosine(floor=0.1), warmup=0.01, warmup_start=0.1),
        ("re-warming", "re-warm", "rewarm", "re-decaying", "continued pre-training", "continued training"),
        peak=3e-4,
        steps=132_685,  # 300 billion tokens in batches of 1,104 x 2,048
        evidence="unverified",
    ),
    Recipe(
        "alpaca",
        Source(
            "Taori et al.",
            2023,
            "Stanford Alpaca: An Instruction-following LLaMA model",
            "github.com/tatsu-lab/stanford_alpaca",
        ),
        Schedule(policy=Cosine(), total_steps=1_218, warmup=0.03),
        ("Alpaca", "SFT", "instruction tuning", "fine-tuning", "fine-tune", "supervised fine-tuning"),
        peak=2e-5,
        steps=1_218,
        evidence="checked",
    ),
    Recipe(
        "bert_finetuning",
        DEVLIN,
        Schedule(policy=Linear(start=1.0, end=0.0), total_steps=343, warmup=34 / 343, warmup_over=True),
        ("BERT fine-tuning", "fine-tuning", "fine-tune", "run_classifier"),
        peak=2e-5,
        steps=343,
        evidence="checked",
    ),
    Recipe(
        "dpo",
        Source(
            "Tunstall et al.",
            2023,
            "Zephyr: Direct Distillation of LM Alignment",
            "arXiv:2310.16944; github.com/huggingface/alignment-handbook, recipes/zephyr-7b-beta/dpo/config_full.yaml, 19f0345",
        ),
        Schedule(policy=Cosine(), total_steps=478, warmup=0.1),
        ("DPO", "preference tuning", "Zephyr", "RLHF"),
        peak=5e-7,
        steps=478,
        evidence="checked",
    ),
    Recipe(
        "dpo_tulu",
        Source("Lambert et al.", 2024, "Tulu 3: Pushing Frontiers in Open Language Model Post-Training", "arXiv:2411.15124"),
        Schedule(policy=Linear(start=1.0, end=0.0), total_steps=2_106, warmup=0.1),
        ("DPO", "Tulu 3", "preference tuning"),
        peak=5e-7,
        steps=2_106,
        evidence="checked",
    ),
    Recipe(
        "sd_lora",
        Source(
            "von Platen et al.",
            2022,
            "Diffusers: State-of-the-art diffusion models",
            "github.com/huggingface/diffusers, examples/text_to_image/train_text_to_image_lora.py",
        ),
        Schedule(policy=Cosine()),
        ("Stable Diffusion LoRA", "LoRA", "Stable Diffusion", "train_text_to_image_lora"),
        peak=1e-4,
        steps=15_000,
        evidence="checked",
    ),
    Recipe(
        "qlora",
        Source(
            "Dettmers, Pagnoni, Holtzman & Zettlemoyer",
            2023,
            "QLoRA: Efficient Finetuning of Quantized LLMs",
            "arXiv:2305.14314; github.com/artidoro/qlora, scripts/finetune_guanaco_7b.sh, 0b46ca8",
        ),
        Schedule(policy=Constant(), total_steps=1_875),
        ("QLoRA", "LoRA", "Guanaco", "fine-tuning", "fine-tune"),
        peak=2e-4,
        steps=1_875,
        evidence="checked",
    ),
    Recipe(
        "ppo",
        Source(
            "Schulman, Wolski, Dhariwal, Radford & Klimov",
            2017,
            "Proximal Policy Optimization Algorithms",
            "arXiv:1707.06347; github.com/vwxyzjn/cleanrl, cleanrl/ppo.py",
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), total_steps=976),
        ("PPO", "progress_remaining", "anneal_lr", "get_linear_fn", "LinearSchedule", "Stable-Baselines3", "CleanRL"),
        peak=2.5e-4,
        steps=15_616,
        changes=(("update_every", 16),),
        evidence="checked",
    ),
    Recipe(
        "ultralytics",
        Source("Jocher et al.", 2023, "Ultralytics YOLO", "github.com/ultralytics/ultralytics, ultralytics/cfg/default.yaml"),
        Schedule(
            policy=Linear(start=1.0, end=0.01),
            total_steps=100,
            warmup=3 / 100,
            warmup_over=True,
            warmup_target="curve",
        ),
        ("Ultralytics", "YOLO", "YOLOv5", "YOLOv8", "lrf", "lr0"),
        peak=0.01,
        steps=10_000,
        changes=(("warmup", Steps(300)), ("update_every", 100), ("warmup_unit", "steps")),
        evidence="checked",
    ),
    Recipe(
        "vit",
        VIT,
        Schedule(policy=Cosine(), warmup=10_000 / 93_836),
        ("ViT", "Vision Transformer"),
        peak=3e-3,
        steps=93_836,
        changes=(("warmup", Steps(10_000)),),
        evidence="checked",
    ),
    Recipe(
        "vit_finetuning",
        VIT,
        Schedule(policy=Cosine(), warmup=500 / 20_000),
        ("ViT fine-tuning", "fine-tuning", "fine-tune", "ViT finetune"),
        peak=0.03,
        steps=20_000,
        changes=(("warmup", Steps(500)),),
        evidence="checked",
    ),
    Recipe(
        "dino",
        Source(
            "Caron et al.",
            2021,
            "Emerging Properties in Self-Supervised Vision Transformers",
            "arXiv:2104.14294; github.com/facebookresearch/dino, main_dino.py",
        ),
        _linspace(25_020, 250_200, 1e-3),
        ("DINO", "DINOv2", "linspace", "cosine_scheduler"),
        peak=1e-3,
        steps=250_200,
        changes=(("warmup", Steps(25_019)), ("hold", Steps(1))),
        evidence="checked",
    ),
    Recipe(
        "convnext",
        Source(
            "Liu et al.",
            2022,
            "A ConvNet for the 2020s",
            "arXiv:2201.03545; github.com/facebookresearch/ConvNeXt, TRAINING.md, 231af90",
        ),
        _linspace(6_240, 93_600, 2.5e-4),
        ("ConvNeXt", "linspace", "cosine_scheduler"),
        peak=4e-3,
        steps=93_600,
        changes=(("warmup", Steps(6_239)), ("hold", Steps(1))),
        evidence="checked",
    ),
    Recipe(
        "mae",
        Source(
            "He et al.",
            2022,
            "Masked Autoencoders Are Scalable Vision Learners",
            "arXiv:2111.06377; github.com/facebookresearch/mae, PRETRAIN.md and util/lr_sched.py, be47fef",
        ),
        Schedule(policy=Cosine(), warmup=40 / 800),
        ("MAE", "masked autoencoder"),
        peak=2.4e-3,
        steps=249_600,
        changes=(("warmup", Steps(12_480)),),
        evidence="checked",
    ),
    Recipe(
        "whisper",
        Source(
            "Radford et al.",
            2023,
            "Robust Speech Recognition via Large-Scale Weak Supervision",
            "arXiv:2212.04356, section 2.4 and appendix F",
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), total_steps=512, warmup=1 / 512),
        ("Whisper",),
        peak=1.75e-4,
        steps=1_048_576,
        changes=(("warmup", Steps(2_048)),),
        evidence="checked",
    ),
    Recipe(
        "d2l_square_root",
        D2L,
        Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=30),
        ("D2L", "SquareRootScheduler"),
        peak=0.1,
        steps=30,
        evidence="checked",
    ),
    Recipe(
        "d2l_factor",
        D2L,
        Schedule(policy=Factor(gamma=0.9, floor=0.01 / 2), peak_lr=2, total_steps=50, first_step=1),
        ("D2L", "FactorScheduler"),
        peak=2,
        steps=50,
        evidence="checked",
    ),
    Recipe(
        "d2l_multi_factor",
        D2L,
        Schedule(policy=MultiFactor(milestones=(15 / 30, 30 / 30), gamma=0.5), peak_lr=0.5, total_steps=30),
        ("D2L", "MultiFactorScheduler", "MultiStepLR"),
        peak=0.5,
        steps=30,
        evidence="checked",
    ),
    Recipe(
        "d2l_cosine",
        D2L,
        Schedule(policy=_D2L_COSINE, peak_lr=0.3, total_steps=30, horizon=20 / 30),
        ("D2L", "CosineScheduler"),
        peak=0.3,
        steps=30,
        evidence="checked",
    ),
    Recipe(
        "d2l_warmup_cosine",
        D2L,
        Schedule(policy=_D2L_COSINE, peak_lr=0.3, total_steps=30, horizon=20 / 30, warmup=5 / 20),
        ("D2L", "CosineScheduler"),
        peak=0.3,
        steps=30,
        evidence="checked",
    ),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.slug: recipe for recipe in _ALL})
"""All recipes by slug, in display order."""
