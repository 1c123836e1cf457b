"""The keys of an installation come from the environment, else are made once and kept."""

from pathlib import Path

import pytest

from caseloom.config.home import WrongKeyError, home_folder, master_key, secret_key


def test_the_data_folder_is_made_where_the_environment_says(tmp_path: Path) -> None:
    folder = home_folder({"CASELOOM_HOME": str(tmp_path / "a" / "b")})
    assert folder == tmp_path / "a" / "b"
    assert folder.is_dir()


def test_without_a_word_it_is_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_folder({}) == tmp_path / ".caseloom"


def test_keys_are_made_once_and_differ(tmp_path: Path) -> None:
    assert secret_key({}, tmp_path) == secret_key({}, tmp_path)
    assert master_key({}, tmp_path) == master_key({}, tmp_path)
    assert secret_key({}, tmp_path) != master_key({}, tmp_path).hex()
    assert len(master_key({}, tmp_path)) == 32


def test_only_their_user_can_read_them(tmp_path: Path) -> None:
    secret_key({}, tmp_path)
    master_key({}, tmp_path)
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {
        "secret_key": 0o600,
        "master_key": 0o600,
    }


def test_a_key_from_the_environment_is_taken_and_not_written(tmp_path: Path) -> None:
    assert secret_key({"SECRET_KEY": "given"}, tmp_path) == "given"
    assert master_key({"CASELOOM_MASTER_KEY": "ab" * 32}, tmp_path) == b"\xab" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["ab" * 31, "ab" * 33, "zz" * 32, "a password"])
def test_a_master_key_of_another_form_is_refused_with_advice(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongKeyError, match="64 hexadecimal digits") as fault:
        master_key({"CASELOOM_MASTER_KEY": wrong}, tmp_path)
    assert wrong not in str(fault.value)
