import { type DynamicModule, Module } from '@nestjs/common';
import { LiveSettings } from './live-settings.js';

/** Hands the settings in force to whoever is built by injection. */
@Module({})
export class SettingsModule {
  static with(live: LiveSettings): DynamicModule {
    return { module: SettingsModule, providers: [{ provide: LiveSettings, useValue: live }], exports: [LiveSettings] };
  }
}
