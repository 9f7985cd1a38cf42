"""The naive baseline: the service of the brief, as a beginner would write it from a tutorial.

Flask's own server with `ssl_context`, AES-EAX under a random key for each text, DSA over the
ciphertext, JSON with hex, and a dictionary for a database. It really encrypts, signs, verifies and
decrypts, and a restart loses everything. `python -m bench.baseline --port PORT CERT KEY` serves it.
"""

import sys

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Random import get_random_bytes
from Crypto.Signature import DSS
from flask import Flask, Response, jsonify, request

app = Flask(__name__)
signing_key = DSA.generate(2048)
keys: dict[str, bytes] = {}  # by nonce, and gone with the process


@app.route("/store", methods=["POST"])
def store() -> Response:
    key = get_random_bytes(32)
    cipher = AES.new(key, AES.MODE_EAX)
    ciphertext, tag = cipher.encrypt_and_digest(request.json["data"].encode("utf-8"))
    signature = DSS.new(signing_key, "fips-186-3").sign(SHA256.new(ciphertext))
    keys[cipher.nonce.hex()] = key
    fields = {
        "nonce": cipher.nonce.hex(),
        "encrypted_data": ciphertext.hex(),
        "tag": tag.hex(),
        "signature": signature.hex(),
    }
    return jsonify({"message": "Data stored securely", "data": fields})


@app.route("/retrieve", methods=["POST"])
def retrieve() -> Response | tuple[Response, int]:
    fields = {name: bytes.fromhex(value) for name, value in request.json.items()}
    try:
        hashed = SHA256.new(fields["encrypted_data"])
        DSS.new(signing_key, "fips-186-3").verify(hashed, fields["signature"])
        key = keys[fields["nonce"].hex()]
        cipher = AES.new(key, AES.MODE_EAX, nonce=fields["nonce"])
        plaintext = cipher.decrypt_and_verify(fields["encrypted_data"], fields["tag"])
    except (KeyError, ValueError):
        return jsonify({"error": "Invalid signature. Data may be compromised."}), 400
    text = plaintext.decode("utf-8")
    return jsonify({"decrypted_data": text, "signature_status": "Signature is valid."})


@app.route("/health")
def health() -> Response:
    return jsonify({"status": "ok"})


if __name__ == "__main__":
    _, port, certificate, private_key = sys.argv[1:]
    app.run(port=int(port), ssl_context=(certificate, private_key))
