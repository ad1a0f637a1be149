"""Commands are run as a shell runs them, and ask a server on a real socket."""
