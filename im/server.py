"""The HTTP server."""

import socket

import uvicorn

from gql.asgi import GraphApp


class Server(uvicorn.Server):
    """Tells the sockets where to resume before it closes them."""

    def __init__(self, config: uvicorn.Config, graph: GraphApp) -> None:
        """Serve what the configuration says; ``graph`` holds the sockets."""
        super().__init__(config)
        self._graph = graph

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the graph's sockets, then all else."""
        await self._graph.close_all()
        await super().shutdown(sockets)
