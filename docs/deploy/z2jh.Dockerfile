# A student's server on Zero to JupyterHub: docs/teaching/hub.md, "A pod for each student".
# In the kit's folder: docker build -f docs/deploy/z2jh.Dockerfile -t NAME:TAG .
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /kit
COPY constraints constraints
RUN pip install --no-cache-dir --require-hashes -r constraints/build.txt -r constraints/lab.txt
# The version of the chart's hub. These two have no hashes here.
RUN pip install --no-cache-dir jupyterhub==5.5.0 nbgitpuller
COPY pyproject.toml README.md LICENSE* ./
COPY securedata securedata
COPY securedata_lab securedata_lab
COPY securedata_classroom securedata_classroom
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
# The chart's own user, who has its volume at this home.
RUN useradd --create-home --uid 1000 --gid users jovyan
USER 1000
WORKDIR /home/jovyan
CMD ["jupyterhub-singleuser"]
