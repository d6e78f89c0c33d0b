"""The configuration: its schema, its composition from `config/`, its way to the scripts."""
