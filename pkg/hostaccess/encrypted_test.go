package hostaccess_test

// encrypted was made by ssh-keygen with a passphrase. It opens nothing.
const encrypted = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCUxRRQnT
W7U4gkh4KIF3WQAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAINd4io51USX8Dh0f
7Zzc/L0KkJZHNGRmdGPXJKnGpBWBAAAAkJ43o2n37zoXfkZl8TN2yNRlY9gerOLQO7KZcU
jKyiOLKGlqXdvMlJRaUpfncoVFQogxJWp9p0UwnngBwKHe65Dl9gu2qPrflJC9SGrhfIX7
ymvhue7pBg4NI9apI3uhlFxI291WtaZe0gfq1Dtd8icF1ra48EM965GuWfvfQmfHk0wqQa
P9jCy20zf9sdxiQw==
-----END OPENSSH PRIVATE KEY-----
`
