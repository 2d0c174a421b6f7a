"""What Alembic executes for a command: the migrations, over the connection that it was given.

Belongs here: nothing else. Not here: connecting (migrate.py).
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
