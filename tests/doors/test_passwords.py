"""One password: who knows it comes in, anything else stays out, and nothing that is sent breaks the door."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher, Type

from chaffer.doors.passwords import KEPT_SECONDS, Passwords, hash_password, is_hash
from chaffer.errors import ChafferError, Code

CHEAP: dict[str, Any] = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
ARGON2 = PasswordHasher(**CHEAP).hash


def by_bcrypt(password: bytes, prefix: bytes = b"2b") -> str:
    made = bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()
    return made.replace("$2b$", f"${prefix.decode()}$", 1)


class Counted:
    """Counts the attempts that were made, each before a hash was computed."""

    def __init__(self) -> None:
        self.attempts = 0

    async def __call__(self) -> None:
        self.attempts += 1


def asked(hashed: str, user: bytes, password: bytes) -> bool:
    async def case() -> bool:
        passwords = Passwords("ada", hashed)
        try:
            return await passwords.are_right(user, password, Counted())
        finally:
            passwords.close()

    return asyncio.run(case())


def played(case: Callable[[Passwords, Counted], Awaitable[None]], clock: Callable[[], float] = lambda: 0.0) -> None:
    async def main() -> None:
        passwords = Passwords("ada", ARGON2("right"), clock)
        try:
            await case(passwords, Counted())
        finally:
            passwords.close()

    asyncio.run(main())


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_hashes_of_every_bcrypt_let_in(prefix: bytes) -> None:
    hashed = by_bcrypt("pässwörd".encode(), prefix)
    assert is_hash(hashed)
    assert asked(hashed, b"ada", "pässwörd".encode())
    assert not asked(hashed, b"ada", b"password")


@pytest.mark.parametrize("kind", [Type.ID, Type.I, Type.D])
def test_hashes_of_every_argon2_let_in(kind: Type) -> None:
    hashed = PasswordHasher(**CHEAP, type=kind).hash("right")
    assert is_hash(hashed)
    assert asked(hashed, b"ada", b"right")
    assert not asked(hashed, b"ada", b"wrong")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password",
        "$2b$12$short",
        "$1$abc$def",
        "{SHA}xyz",
        "$2b$99$" + "a" * 53,
        "$argon2id$v=19$m=8$x$y",
        "$6$a$b",
    ],
)
def test_what_is_no_hash_is_told(text: str) -> None:
    assert not is_hash(text)


@pytest.mark.parametrize(
    "password",
    [
        b"",
        b"x" * 72,
        b"x" * 73,
        b"x" * 5000,
        b"\0",
        b"right\0",
        b"\0right",
        b"\xff\xfe",
        "пароль".encode(),
        "🔑".encode() * 30,
        b"right ",
        b"Right",
    ],
)
@pytest.mark.parametrize("hashed", [ARGON2("right"), by_bcrypt(b"right")], ids=["argon2", "bcrypt"])
def test_wrong_passwords_of_every_kind_stay_out_and_break_nothing(hashed: str, password: bytes) -> None:
    assert asked(hashed, b"ada", password) is False


@pytest.mark.parametrize("password", [b"x" * 72, "é".encode() * 36, "пароль".encode()])
def test_passwords_of_up_to_72_bytes_are_in_by_bcrypt(password: bytes) -> None:
    assert asked(by_bcrypt(password), b"ada", password)


def test_what_bcrypt_would_cut_off_is_wrong_though_its_beginning_is_right() -> None:
    assert not asked(by_bcrypt(b"x" * 72), b"ada", b"x" * 73)


def test_long_passwords_and_those_of_any_script_are_in_by_argon2() -> None:
    for password in ("x" * 5000, "пароль🔑", "a" * 73):
        assert asked(ARGON2(password), b"ada", password.encode())


@pytest.mark.parametrize("user", [b"", b"Ada", b"ada ", b"root", b"ada\0", b"\xff", b"a" * 5000])
def test_the_right_password_of_another_user_stays_out(user: bytes) -> None:
    assert not asked(ARGON2("right"), user, b"right")


def test_a_right_password_is_hashed_once_in_a_while_and_a_wrong_one_each_time() -> None:
    now = [0.0]

    async def case(passwords: Passwords, counted: Counted) -> None:
        for _ in range(10):
            assert await passwords.are_right(b"ada", b"right", counted)
        assert counted.attempts == 1
        for _ in range(3):
            assert not await passwords.are_right(b"ada", b"wrong", counted)
        assert counted.attempts == 4
        now[0] += KEPT_SECONDS
        assert await passwords.are_right(b"ada", b"right", counted)
        assert counted.attempts == 5

    played(case, lambda: now[0])


def test_equal_checks_at_one_time_share_one_computation() -> None:
    async def case(passwords: Passwords, counted: Counted) -> None:
        answers = await asyncio.gather(*(passwords.are_right(b"ada", b"right", counted) for _ in range(50)))
        assert all(answers)
        assert counted.attempts == 1

    played(case)


def test_a_waiting_caller_who_leaves_takes_nobody_along() -> None:
    async def case(passwords: Passwords, counted: Counted) -> None:
        first, second = (asyncio.create_task(passwords.are_right(b"ada", b"right", counted)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second
        assert first.cancelled() or first.done()

    played(case)


def test_a_user_and_a_password_cut_elsewhere_are_no_more_the_same() -> None:
    async def case(passwords: Passwords, counted: Counted) -> None:
        assert await passwords.are_right(b"ada", b"right", counted)
        assert not await passwords.are_right(b"adar", b"ight", counted)

    played(case)


def test_an_attempt_that_is_refused_computes_nothing() -> None:
    async def refused() -> None:
        raise ChafferError(Code.FORBIDDEN, "too many")

    async def case(passwords: Passwords, counted: Counted) -> None:
        with pytest.raises(ChafferError):
            await passwords.are_right(b"ada", b"right", refused)
        assert await passwords.are_right(b"ada", b"right", counted)
        await passwords.are_right(b"ada", b"right", refused)  # remembered: no attempt

    played(case)


def test_the_loop_goes_on_while_a_hash_is_computed() -> None:
    hashed = PasswordHasher(time_cost=6, memory_cost=65536, parallelism=1).hash("right")

    async def case() -> int:
        passwords, turns = Passwords("ada", hashed), 0
        check = asyncio.create_task(passwords.are_right(b"ada", b"right", Counted()))
        while not check.done():
            turns += 1
            await asyncio.sleep(0.001)
        passwords.close()
        assert check.result()
        return turns

    assert asyncio.run(case()) > 3


def test_the_voucher_changes_with_the_hash_and_the_user_and_tells_neither() -> None:
    hashed = ARGON2("right")
    one, again = Passwords("ada", hashed), Passwords("ada", hashed)
    assert one.voucher == again.voucher
    assert len({one.voucher, Passwords("ada", ARGON2("right")).voucher, Passwords("bob", hashed).voucher}) == 3
    assert hashed.encode() not in one.voucher


def test_hashes_that_are_made_let_in() -> None:
    for by in (True, False):
        made = hash_password("pässwörd", by_bcrypt=by)
        assert is_hash(made)
        assert asked(made, b"ada", "pässwörd".encode())


@pytest.mark.parametrize("password", ["", "x" * 73, "é" * 37, "a\0b"])
def test_no_hash_is_made_of_what_bcrypt_would_cut_off(password: str) -> None:
    with pytest.raises(ChafferError) as refused:
        hash_password(password, by_bcrypt=True)
    assert refused.value.code is Code.VALIDATION_ERROR
    assert not password or password not in refused.value.message
