"""HTTP without TLS: the twin as ever, and on this machine only."""

import pytest
import requests

from securedata.errors import ListenError
from securedata.lab import serve_without_tls


def test_it_stores_and_retrieves_over_http_on_this_machine_only() -> None:
    with serve_without_tls() as server:
        assert server.url == f"http://localhost:{server.port}"
        stored = requests.post(f"{server.url}/store", json={"data": "text"}, timeout=5).json()
        answer = requests.post(f"{server.url}/retrieve", json=stored["data"], timeout=5)
        assert answer.json() == {"decrypted_data": "text"}
    server.host = "0.0.0.0"
    with pytest.raises(ListenError, match="can be reached from other machines"):
        server.start()
