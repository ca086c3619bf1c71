"""Cases of the golden vectors."""
