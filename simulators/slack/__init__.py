"""A simulated Slack: an incoming webhook, and the channel that it writes into."""
