"""The recordings: each is what its name and its sentence say, today and in ten years."""

import pytest
from recordings import ANSWER, FORWARD_SECRECY, HYBRID, REQUEST

from securedata_lab.wire import decrypt, load_recording
from securedata_lab.wire.recording import recording_names

PLANS = (*FORWARD_SECRECY, HYBRID)


def test_there_is_one_of_every_plan() -> None:
    assert recording_names() == sorted(["rfc8448", *(plan.name for plan in PLANS)])
    for plan in PLANS:
        assert load_recording(plan.name).sentence == plan.sentence


@pytest.mark.parametrize("name", [plan.name for plan in PLANS])
def test_each_opens_with_its_key_log(name: str) -> None:
    recording = load_recording(name)
    assert decrypt(recording.client_stream, recording.server_stream, recording.keylog) == (
        REQUEST,
        ANSWER,
    )
