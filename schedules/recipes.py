"""Recipes: named schedules used in practice, each with its source. Pure data.

The shape is that of the source. Peak and length are chosen for the playground, 0.1 and at most a few thousand steps, where the
source's values only suit its network; the recipe's text then states the source's values. The five recipes from D2L have the
book's exact values, with one step per epoch. Titles and texts are in `words`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class Recipe:
    """A schedule with its source and the names that find it in a search.

    `exact_names` are the names that mean exactly this schedule, including its warm-up, so that the card of a part does not
    cover them.
    """

    slug: str
    source: Source
    schedule: Schedule
    names: tuple[str, ...] = ()
    exact_names: tuple[str, ...] = ()

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

_D2L_COSINE = Cosine(floor=0.01 / 0.3)

_ALL = (
    *(
        Recipe(
            f"wsd_{shape}",
            {"exponential": MINICPM, "power": NANOGPT}.get(shape, HAEGELE),
            Schedule(policy=Constant(), warmup=0.05, cooldown=0.2, cooldown_shape=shape),
            WSD_NAMES,
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
        Source(
            "Devlin, Chang, Lee & Toutanova",
            2019,
            "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
            "arXiv:1810.04805",
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=0.01),
        ("BERT", "get_linear_schedule_with_warmup", "linear_with_warmup", "Hugging Face"),
        exact_names=("get_linear_schedule_with_warmup", "linear_with_warmup"),
    ),
    Recipe(
        "lamb",
        Source(
            "You et al.", 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", "arXiv:1904.00962"
        ),
        Schedule(policy=Linear(start=1.0, end=0.0), warmup=1 / 5),
        ("LAMB",),
    ),
    Recipe(
        "transformer",
        Source("Vaswani et al.", 2017, "Attention Is All You Need", "arXiv:1706.03762"),
        Schedule(policy=Noam(climb=40), total_steps=1_000),
        ("Transformer", "Noam", "NoamLR", "inverse_sqrt"),
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
    ),
    Recipe(
        "power",
        Source(
            "Shen et al.",
            2024,
            "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate Scheduler",
            "arXiv:2408.13359",
        ),
        Schedule(policy=PowerLaw(timescale=50, power=0.51), warmup=0.02, cooldown=0.1, cooldown_shape="exponential"),
        ("PowerScheduler", "Power scheduler"),
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
        ("DeepSeek", "multi-step"),
    ),
    Recipe(
        "imagenet_step",
        Source("He, Zhang, Ren & Sun", 2016, "Deep Residual Learning for Image Recognition", "arXiv:1512.03385"),
        Schedule(policy=Step(every=30 / 90, gamma=0.1), total_steps=900),
        ("ImageNet", "ResNet", "StepLR"),
    ),
    Recipe(
        "imagenet_hour",
        GOYAL,
        Schedule(
            policy=MultiFactor(milestones=(30 / 90, 60 / 90, 80 / 90), gamma=0.1),
            total_steps=900,
            warmup=5 / 90,
            warmup_over=True,
        ),
        ("ImageNet in one hour", "gradual warm-up", "linear scaling rule"),
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
    ),
    Recipe(
        "ulmfit",
        Source("Howard & Ruder", 2018, "Universal Language Model Fine-tuning for Text Classification", "arXiv:1801.06146"),
        Schedule(policy=SlantedTriangular(cut=0.1, ratio=32)),
        ("ULMFiT", "STLR"),
    ),
    Recipe(
        "sgdr",
        Source("Loshchilov & Hutter", 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", "arXiv:1608.03983"),
        Schedule(policy=WarmRestarts(first_cycle=10 / 70, cycle_mult=2), total_steps=700),
        ("SGDR",),
    ),
    Recipe(
        "robbins_monro",
        Source("Robbins & Monro", 1951, "A Stochastic Approximation Method", "doi:10.1214/aoms/1177729586"),
        Schedule(policy=InverseTime(timescale=50, power=1)),
        ("Robbins-Monro", "1/t"),
    ),
    Recipe("d2l_square_root", D2L, Schedule(policy=SquareRoot(), peak_lr=0.1, total_steps=30), ("D2L", "SquareRootScheduler")),
    Recipe(
        "d2l_factor",
        D2L,
        Schedule(policy=Factor(gamma=0.9, floor=0.01 / 2), peak_lr=2, total_steps=50, first_step=1),
        ("D2L", "FactorScheduler"),
    ),
    Recipe(
        "d2l_multi_factor",
        D2L,
        Schedule(policy=MultiFactor(milestones=(15 / 30, 30 / 30), gamma=0.5), peak_lr=0.5, total_steps=30),
        ("D2L", "MultiFactorScheduler", "MultiStepLR"),
    ),
    Recipe(
        "d2l_cosine",
        D2L,
        Schedule(policy=_D2L_COSINE, peak_lr=0.3, total_steps=30, horizon=20 / 30),
        ("D2L", "CosineScheduler"),
    ),
    Recipe(
        "d2l_warmup_cosine",
        D2L,
        Schedule(policy=_D2L_COSINE, peak_lr=0.3, total_steps=30, horizon=20 / 30, warmup=5 / 20),
        ("D2L", "CosineScheduler"),
    ),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.slug: recipe for recipe in _ALL})
"""All recipes by slug, in display order."""
