"""Policies: one file each, found by discovery."""

from schedules.policies._base import POLICIES, Family, Policy, policy

POLICIES.discover(__name__)

__all__ = ["POLICIES", "Family", "Policy", "policy"]
