"""What every vendor must do alike."""
