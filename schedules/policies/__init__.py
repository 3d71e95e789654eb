"""Policies: one file each, found by discovery."""

from schedules.policies._base import POLICIES, Family, Policy, formulas_in_reach, policy

POLICIES.discover(__name__)

__all__ = ["POLICIES", "Family", "Policy", "formulas_in_reach", "policy"]
