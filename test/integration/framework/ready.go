package framework

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Ready asks a program, by the base URL of its probes, whether it is ready. The error says what is not.
func Ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz?verbose", http.NoBody)
	if err != nil {
		return fmt.Errorf("asking %s whether it is ready: %w", url, err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		return fmt.Errorf("asking whether it is ready: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading whether %s is ready: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it is not ready: %s", body)
	}
	return nil
}
