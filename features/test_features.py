"""Every feature below this folder is a drill."""

from pytest_bdd import scenarios

scenarios(".")
