"""The vault over HTTP: the contract as data, a Flask app, a page, and a client."""
