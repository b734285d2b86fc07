# One target for each program: docker build --target webhook -t mullion-webhook:dev .
#
# What runs is a static program and the certificates of public authorities, and nothing else: no shell, no
# package manager, no C library. make image-check verifies this file without a container engine.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
# Modules change less often than code: this layer is kept while they do not.
COPY go.mod go.sum ./
RUN go mod download
# With .git: the toolchain stamps the commit into the programs, which report it.
COPY . .
ARG TARGETOS TARGETARCH
ENV CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH
# What the node manager brings to Windows hosts, whatever it runs on itself.
RUN GOOS=windows GOARCH=amd64 go build -trimpath -ldflags=-s -o /out/mullion-agent.exe ./cmd/hostagent
# Without gRPC's request traces, which nobody sees. They are shown by a template, and templates call methods by name, so that
# the linker keeps every method there is: a quarter of the webhook.
RUN go build -trimpath -tags=grpcnotrace -ldflags=-s -o /out/ ./cmd/webhook ./cmd/nodemanager

FROM scratch AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# A number, which Kubernetes can tell is not root (runAsNonRoot).
USER 65532:65532

FROM base AS webhook
COPY --from=build /out/webhook /webhook
ENTRYPOINT ["/webhook"]

FROM base AS nodemanager
COPY --from=build /out/nodemanager /nodemanager
COPY --from=build /out/mullion-agent.exe /mullion-agent.exe
ENTRYPOINT ["/nodemanager"]
