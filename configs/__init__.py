"""The configuration: one folder for each choice, one YAML file for each answer."""
