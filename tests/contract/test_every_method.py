"""The contract is whole: no method of the protocols is left out of these tests."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from chaffer.assistant.indexing import ChatIndex
from chaffer.conversation.journal import Journal
from chaffer.conversation.keys import SealedKeys
from chaffer.doors.logins import LoginStore
from chaffer.ledger.books import Ledger
from chaffer.ledger.model_usage import ModelUsage
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.preferences import PreferenceBook

STORES = {"store", "one", "two"}
PROTOCOLS = (Journal, Ledger, SealedKeys, ModelUsage, LoginStore, PreferenceBook)
PARTS = {"products": ProductCatalogue, "chats": ChatIndex}
OF_PARTS = [f"{part}.{name}" for part, protocol in PARTS.items() for name in vars(protocol) if not name.startswith("_")]
METHODS = [(protocol, name) for protocol in PROTOCOLS for name in vars(protocol) if not name.startswith("_")]


@cache
def called() -> frozenset[str]:
    """Return the methods that a test of this folder calls on a store, those of its parts as `products.find`."""
    names = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=holder), attr=name)) if holder in STORES:
                    names.add(name)
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=holder), attr=part), attr=name)
                ) if holder in STORES:
                    names.add(f"{part}.{name}")
    return frozenset(names)


def test_the_protocols_have_the_methods_that_are_looked_for() -> None:
    assert len(METHODS) == 16 + 10 + 1 + 3 + 4 + 3
    assert len(OF_PARTS) == 9 + 3


@pytest.mark.parametrize(("protocol", "name"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_every_method_of_the_protocols_is_under_contract(protocol: type, name: str) -> None:
    assert name in called(), f"no test calls {protocol.__name__}.{name}"


@pytest.mark.parametrize("name", OF_PARTS)
def test_every_method_of_a_stores_parts_is_under_contract(name: str) -> None:
    assert name in called(), f"no test calls {name}"
