"""RFC 8448, section 3: a simple TLS 1.3 handshake, byte by byte, and every value on the way.

Each tag in it fits only if every byte and every key is right, so that a slip of the pen would show.
"""

from securedata_lab.wire import load_recording

RECORDING = load_recording("rfc8448")
CLIENT_STREAM, SERVER_STREAM = RECORDING.client_stream, RECORDING.server_stream
KEYLOG = RECORDING.keylog

# The server's key and IV for records of the handshake.
SERVER_HANDSHAKE_KEYS = ("3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30")

APPLICATION_DATA = bytes(range(50))
