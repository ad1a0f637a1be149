"""What the whole product has to prove, as tests and by hand."""
