"""RFC 8448, section 3: a simple TLS 1.3 handshake, byte by byte, and every value on the way.

Each tag in it fits only if every byte and every key is right, so that a slip of the pen would show.
"""

from securedata.lab.wire import load_recording

RECORDING = load_recording("rfc8448")
CLIENT_STREAM, SERVER_STREAM = RECORDING.client_stream, RECORDING.server_stream
KEYLOG = RECORDING.keylog


SHARED_SECRET = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"

SECRETS = {
    "early_secret": "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a",
    "handshake_secret": "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac",
    "client_handshake_traffic_secret": (
        "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"
    ),
    "server_handshake_traffic_secret": (
        "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
    ),
    "main_secret": "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919",
    "client_application_traffic_secret_0": (
        "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
    ),
    "server_application_traffic_secret_0": (
        "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"
    ),
    "exporter_secret": "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50",
    "resumption_secret": "7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c",
}

# Key and IV of the server's handshake traffic secret.
SERVER_HANDSHAKE_KEYS = ("3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30")

APPLICATION_DATA = bytes(range(50))
