"""The shipped shared schema, version 1, as YAML files beside this one."""
