"""The processes of this machine: what starts them, watches them and ends them."""
