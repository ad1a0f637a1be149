"""Two sides that came apart in many places, and come together in exactly these."""
