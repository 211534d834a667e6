"""The host that customers and suppliers ask from outside: PACT v3 and v2.3, over TLS, by grant, each access kept."""
