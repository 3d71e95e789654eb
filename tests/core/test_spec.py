import copy
import dataclasses
import pickle

import numpy as np
import pytest

from schedules.core.params import choice, number, switch
from schedules.core.spec import Source, Spec, columns, declared


@declared
class Hill(Spec):
    """A hill.

    More about it.
    """

    title = "Hill"

    height: float = number(default=2, low=0, high=10, doc="How high.")
    trees: int = number(default=3, low=0, high=99, integer=True, label="Number of trees", doc="How many.")
    side: str = choice(default="north", options=("north", "south"), doc="Which side.")
    snow: bool = switch(default=False, doc="Whether it is white.")


@declared
class Island(Spec):
    """An island."""

    title = "Island"


def test_declared_params_have_names_labels_and_defaults():
    assert [p.name for p in Hill.params] == ["height", "trees", "side", "snow"]
    assert [p.label for p in Hill.params] == ["Height", "Number of trees", "Side", "Snow"]
    assert Hill.param("trees").default == 3
    assert Hill.subtitle() == "A hill."
    with pytest.raises(KeyError, match="Hill has no field 'depth'"):
        Hill.param("depth")


def test_values_are_checked_converted_and_frozen():
    hill = Hill(height=np.float32(0.5), trees=4.0)
    assert (type(hill.height), type(hill.trees)) == (float, int)
    with pytest.raises(ValueError, match=r"Hill\.height must be a number between 0 and 10, got 11"):
        Hill(height=11)
    with pytest.raises(ValueError, match=r"Hill\.height"):
        hill.replace(height=-1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        hill.height = 1
    with pytest.raises(TypeError):
        Hill(1.0)


def test_equality_compares_class_and_values():
    assert Hill(height=2) == Hill(height=2.0) == Hill()
    assert len({Hill(), Hill(height=2), Hill(height=-0.0), Hill(height=0.0)}) == 2
    assert Island() != Hill()


def test_values_can_be_copied_and_pickled():
    hill = Hill(height=1.5, side="south")
    assert copy.deepcopy(hill) == pickle.loads(pickle.dumps(hill)) == hill


def test_columns_stack_numbers_into_arrays_and_keep_other_values():
    many = columns([Hill(height=1), Hill(height=2, trees=7)])
    assert type(many) is Hill
    assert many.height.tolist() == [1, 2]
    assert many.trees.tolist() == [3, 7]
    assert many.height.dtype == many.trees.dtype == np.float64
    assert (many.side, many.snow) == ("north", False)


def test_columns_refuse_rows_that_differ_in_more_than_numbers():
    with pytest.raises(ValueError, match=r"Hill\.side must be the same in every row"):
        columns([Hill(), Hill(side="south")])


def test_a_source_reads_as_a_reference():
    assert str(Source("Polyak", 1964, "Some methods", "doi:1")) == "Polyak (1964). Some methods. doi:1"
    assert str(Source("Polyak", 1964, "Some methods")) == "Polyak (1964). Some methods."


def test_a_field_must_be_declared():
    with pytest.raises(TypeError, match=r"^Lake\.depth is not a declared hyperparameter: write e\.g\. depth: float = number\("):

        @declared
        class Lake(Spec):
            depth: "float" = 0.1


def test_facts_are_not_fields():
    with pytest.raises(TypeError, match=r"write e\.g\. title = 'Lake'$"):

        @declared
        class Lake(Spec):
            title: str = "Lake"


def test_an_unknown_fact_is_refused():
    def with_fact(**facts):
        return declared(type("Lake", (Hill,), facts))

    with pytest.raises(TypeError, match=r"^Lake\.titel is not a fact of Hill: write e\.g\. title = 'Lake'$"):
        with_fact(titel="Lake")
    with pytest.raises(TypeError, match=r"^Lake\.fish is not a fact of Hill: write e\.g\. FISH = 3$"):
        with_fact(fish=3)
    assert with_fact(FISH=3).FISH == 3
    assert with_fact(swim=lambda self: "wet")().swim() == "wet"
