"""The client: the same two verbs over HTTPS."""

from securedata import Client


def test_a_text_comes_back_by_its_receipt_and_by_its_id(client: Client) -> None:
    receipt = client.store("attack at dawn")
    assert client.retrieve(submission=receipt) == "attack at dawn"
    assert client.retrieve(receipt.record_id) == "attack at dawn"
