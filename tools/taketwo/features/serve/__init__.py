"""
Cassettes as a server: ``taketwo serve``, for clients in any language and in any process.

The engine is that of the plugin, :mod:`taketwo.playback`; here are sockets, addresses and sessions.
"""
