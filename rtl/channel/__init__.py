"""Channels between routers: links, their register stages, queues, and what neighbours report of congestion."""
