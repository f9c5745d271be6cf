"""From a blueprint's resources to what the templates of their modules say."""
